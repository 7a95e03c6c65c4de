"""Replication groups: create, describe, modify, delete, and their number of replicas."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import notification, provision, runtime
from elasticache_kit.emulator.action import auth_token, page
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.replication_group_view import busy, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_state, invalid_value, refuse
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model import topology

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

DEFAULT_SNAPSHOT_WINDOW = "05:00-06:00"
DEFAULT_MAINTENANCE_WINDOW = "sun:07:00-sun:08:00"


@taking_turns
def create_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a replication group; its engines start while the answer is on its way."""
    group_id = str(request.get("ReplicationGroupId", "")).lower()
    region.replication_groups.refuse_taken(group_id)
    spec = specs.requested(region, group_id, request)
    refuse(rulebook.check(spec))
    specs.refuse_not_yet(request)
    tokens = auth_token.first(request)
    spec = dataclasses.replace(spec, auth_token=auth_token.told(tokens))
    zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
    zones = zones or tuple(f"{region.name}{letter}" for letter in "abc")
    group = ReplicationGroup(
        replication_group_id=group_id,
        arn=region.arn("replicationgroup", group_id),
        spec=spec,
        cluster_mode_enabled=topology.cluster_mode_enabled(spec) is True,
        engine_version=specs.engine_version(spec).version,
        parameter_group_name=specs.parameter_group_name(spec),
        node_groups=[
            NodeGroup(
                node_group_id=planned.node_group_id,
                slots=planned.slots,
                members=[
                    Member(node.cache_cluster_id, node.availability_zone, "replica" if place else "primary")
                    for place, node in enumerate(planned.members)
                ],
            )
            for planned in topology.node_groups(group_id, spec, zones)
        ],
        snapshot_window=specs.text(spec.snapshot_window, DEFAULT_SNAPSHOT_WINDOW),
        maintenance_window=specs.text(spec.preferred_maintenance_window, DEFAULT_MAINTENANCE_WINDOW),
        auth_tokens=tokens,
        topic=notification.topic(region.account_id, region.name, request.get("NotificationTopicArn")),
    )
    region.replication_groups[group_id] = group
    region.tag([group.arn, *(region.arn("cluster", item.cache_cluster_id) for item in group.members)], request)
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"create {group_id}", lambda: provision.create(region, group))
    return answer


def describe_replication_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List replication groups, or one by id."""
    wanted = request.get("ReplicationGroupId")
    groups = [region.replication_group(wanted)] if wanted else list(region.replication_groups.values())
    items, marker = page.cut(groups, request, key=lambda group: group.replication_group_id)
    return {"ReplicationGroups": [describe(region, group) for group in items], "Marker": marker}


@taking_turns
def delete_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a replication group with its nodes."""
    group = region.replication_group(request["ReplicationGroupId"])
    if group.status == "deleting":
        raise invalid_state(f"Replication group {group.replication_group_id} is already being deleted.")
    if group.status not in ("available", "create-failed"):
        raise invalid_state(
            f"Replication group {group.replication_group_id} has status {group.status} which is not valid for deletion."
        )
    if busy(group):
        raise invalid_state(f"A failover of {group.replication_group_id} has not ended yet.")
    asked = [name for name in ("FinalSnapshotIdentifier", "RetainPrimaryCluster") if request.get(name)]
    if asked:
        raise invalid_value(f"{', '.join(asked)}: not implemented by the local emulator yet.")
    group.status = "deleting"
    for member in group.members:
        member.status = "deleting"
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"delete {group.replication_group_id}", lambda: provision.delete(region, group))
    return answer
