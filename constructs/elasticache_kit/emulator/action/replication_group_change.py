"""ModifyReplicationGroup: at once, or in the maintenance window."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import notification, runtime
from elasticache_kit.emulator.action import auth_token
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.replication_group_view import available, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_value, refuse
from elasticache_kit.emulator.provision import change as provision_change
from elasticache_kit.emulator.provision import durability as provision_durability
from elasticache_kit.emulator.provision import parameter as provision_parameter
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.provision import sign_in as provision_sign_in
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model import topology

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import AuthTokens, ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

# What waits for the maintenance window where ApplyImmediately is not set; the rest never does.
_WAITING = ("cache_node_type", "engine", "engine_version")
_WHOLE = "0-16383"


@taking_turns
def modify_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change a replication group that is available."""
    group = available(region, request["ReplicationGroupId"])
    if request.get("NodeGroupId"):
        raise invalid_value("NodeGroupId is deprecated and does nothing: leave it out.")
    tokens = auth_token.after(group, request)
    spec = dataclasses.replace(specs.modified(region, group.spec, request), auth_token=auth_token.told(tokens))
    refuse((*rulebook.check_change(_running(group, request), spec), *rulebook.check(spec)))
    _refuse_alone(group, spec)
    auth_token.check_format(spec, request)
    specs.refuse_not_yet(request)
    if request.get("NotificationTopicArn"):
        group.topic = notification.topic(region.account_id, region.name, request["NotificationTopicArn"])
    if group.topic and request.get("NotificationTopicStatus"):
        group.topic.status = request["NotificationTopicStatus"]
    promoted = _promoted(group, request)
    spec = _postponed(group, spec, at_once=bool(request.get("ApplyImmediately")))
    group.changing = _changing(group, spec, request, promoted)
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}
    start(region, group, spec, tokens, promoted)
    return answer


def _refuse_alone(group: ReplicationGroup, spec: ReplicationGroupSpec) -> None:
    """Refuse what the members of a global datastore have in common.

    The words: https://github.com/crossplane-contrib/provider-upjet-aws/issues/1595

    Raises:
        Fault: InvalidParameterValue.
    """
    other = [name for name in (*_WAITING, "cluster_mode") if getattr(spec, name) != getattr(group.spec, name)]
    if group.global_replication_group_id and other:
        world = group.global_replication_group_id
        raise invalid_value(
            f"Cluster [{group.replication_group_id}] is part of a global cluster [{world}]. Request rejected. "
            f"Members have {', '.join(other)} in common: ModifyGlobalReplicationGroup changes what can be changed."
        )


def start(
    region: Region,
    group: ReplicationGroup,
    spec: ReplicationGroupSpec,
    tokens: AuthTokens | None,
    promoted: str | None = None,
) -> None:
    """Begin a change that has been judged; afterwards the group is available again.

    Args:
        region: where the group is.
        group: the group as it is.
        spec: what it shall be.
        tokens: the AUTH tokens that it shall take.
        promoted: the replica that shall be the primary; None where the primary stays.
    """
    group.status = "modifying"
    node_type, automatic = group.spec.cache_node_type, group.spec.automatic_failover_enabled

    def finish() -> None:
        running = runtime.current()
        running.lifecycle.pause(running.lifecycle.timing.modify)
        if promoted and running.fleet is not None:
            running.fleet.promote(region.fleet_key(group.replication_group_id), promoted)
        provision_change.change_engines(
            region,
            group,
            spec,
            version=specs.engine_version(spec).version,
            parameter_group_name=specs.parameter_group_name(spec),
        )
        with region.lock:
            _apply(group, spec, tokens)
            if promoted:
                _promote(region, group, promoted)
            if spec.cache_node_type != node_type:
                text = f"Succeeded applying modification to cache node type to {spec.cache_node_type}."
                for member in group.members:
                    region.record(provision.CLUSTER, member.cache_cluster_id, text)
            if spec.automatic_failover_enabled and not automatic:
                provision.tell_automatic_failover(region, group)
        provision_sign_in.renew(region, group)
        provision_parameter.renew(region, group)
        provision_durability.renew(region, group)

    runtime.current().lifecycle.start(f"modify {group.replication_group_id}", lambda: provision.change(group, finish))


def _postponed(group: ReplicationGroup, spec: ReplicationGroupSpec, *, at_once: bool) -> ReplicationGroupSpec:
    """Keep for the maintenance window what waits for it, and return the spec that holds until then.

    ApplyImmediately makes what waits already, too, where the request does not say otherwise.
    """
    if at_once:
        asked = {name for name in _WAITING if getattr(spec, name) != getattr(group.spec, name)}
        spec = dataclasses.replace(spec, **{name: value for name, value in group.pending.items() if name not in asked})
        group.pending, group.pending_since = {}, None
        return spec
    waiting = {name: getattr(spec, name) for name in _WAITING if getattr(spec, name) != getattr(group.spec, name)}
    if not waiting:
        return spec
    group.pending, group.pending_since = {**group.pending, **waiting}, now()
    return dataclasses.replace(spec, **{name: getattr(group.spec, name) for name in waiting})


def _changing(
    group: ReplicationGroup, spec: ReplicationGroupSpec, request: Mapping[str, Any], promoted: str | None
) -> dict[str, Any]:
    """Return what PendingModifiedValues shows: only these have a member there."""
    shown: dict[str, Any] = {}
    if promoted:
        shown["PrimaryClusterId"] = promoted
    if spec.automatic_failover_enabled != group.spec.automatic_failover_enabled:
        shown["AutomaticFailoverStatus"] = "enabled" if spec.automatic_failover_enabled else "disabled"
    if request.get("AuthToken"):
        shown["AuthTokenStatus"] = "SETTING" if request.get("AuthTokenUpdateStrategy") == "SET" else "ROTATING"
    if spec.user_group_ids != group.spec.user_group_ids:
        after = spec.user_group_ids if isinstance(spec.user_group_ids, tuple) else ()
        shown["UserGroups"] = {
            "UserGroupIdsToAdd": [item for item in after if item not in group.user_group_ids],
            "UserGroupIdsToRemove": [item for item in group.user_group_ids if item not in after],
        }
    if bool(spec.transit_encryption_enabled) != bool(group.spec.transit_encryption_enabled):
        shown["TransitEncryptionEnabled"] = bool(spec.transit_encryption_enabled)
    if spec.transit_encryption_mode != group.spec.transit_encryption_mode:
        shown["TransitEncryptionMode"] = spec.transit_encryption_mode
    if spec.cluster_mode != group.spec.cluster_mode:
        shown["ClusterMode"] = spec.cluster_mode
    return shown


def _apply(group: ReplicationGroup, spec: ReplicationGroupSpec, tokens: AuthTokens | None) -> None:
    group.spec, group.auth_tokens, group.changing = spec, tokens, {}
    group.engine_version = specs.engine_version(spec).version
    group.parameter_group_name = specs.parameter_group_name(spec)
    group.snapshot_window = specs.text(spec.snapshot_window, group.snapshot_window)
    group.maintenance_window = specs.text(spec.preferred_maintenance_window, group.maintenance_window)
    enabled = topology.cluster_mode_enabled(spec) is True
    if enabled is not group.cluster_mode_enabled:
        group.cluster_mode_enabled = enabled
        group.node_groups[0].slots = _WHOLE if enabled else None


def _running(group: ReplicationGroup, request: Mapping[str, Any]) -> ReplicationGroupSpec:
    """Return the spec that a change starts from: where it promotes a replica, with the primary of the moment."""
    if not request.get("PrimaryClusterId"):
        return group.spec
    return dataclasses.replace(group.spec, primary_cluster_id=group.node_groups[0].primary.cache_cluster_id)


def _promoted(group: ReplicationGroup, request: Mapping[str, Any]) -> str | None:
    """Return the replica that a request promotes by hand, None where it does not.

    Raises:
        Fault: CacheClusterNotFound for a node that the group does not have.
    """
    wanted = str(request.get("PrimaryClusterId") or "").lower()
    if not wanted:
        return None
    if wanted not in [member.cache_cluster_id for member in group.members]:
        raise Fault("CacheClusterNotFound", f"{wanted} is not a node of {group.replication_group_id}.")
    return wanted


def _promote(region: Region, group: ReplicationGroup, promoted: str) -> None:
    for node_group in group.node_groups:
        if promoted in [member.cache_cluster_id for member in node_group.members]:
            lost = node_group.primary
            for member in node_group.members:
                member.role = "primary" if member.cache_cluster_id == promoted else "replica"
            if lost.cache_cluster_id != promoted:
                text = f"Failover from primary node {lost.cache_cluster_id} to replica node {promoted} completed"
                region.record(provision.GROUP, group.replication_group_id, text)
