"""Replication groups: create, describe, modify, delete, and their number of replicas."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import notification, runtime, snapshot_data
from elasticache_kit.emulator.action import (
    auth_token,
    global_member,
    not_yet,
    page,
    room,
    serverless_snapshot_record,
    shard,
    snapshot_record,
)
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.argument import texts
from elasticache_kit.emulator.action.cache_cluster import available as available_cluster
from elasticache_kit.emulator.action.replication_group_view import busy, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_state, invalid_value, refuse
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.state.cache_cluster import CacheCluster, CacheNode
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model import topology
from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalReplicationGroup

DEFAULT_SNAPSHOT_WINDOW = "05:00-06:00"
DEFAULT_MAINTENANCE_WINDOW = "sun:07:00-sun:08:00"


@taking_turns
def create_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a replication group; its engines start while the answer is on its way."""
    group_id = str(request.get("ReplicationGroupId", "")).lower()
    region.replication_groups.refuse_taken(group_id)
    adopted, request = _adopt(region, _with_snapshot(region, request))
    spec = specs.requested(region, group_id, request)
    refuse(rulebook.check(spec))
    specs.refuse_not_yet(request)
    world = None
    if request.get("GlobalReplicationGroupId"):
        world, request = _follow(region, group_id, request)
        spec = specs.requested(region, group_id, request)
        refuse(rulebook.check(spec))
    tokens = auth_token.first(request)
    spec = dataclasses.replace(spec, auth_token=auth_token.told(tokens))
    zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
    zones = zones or tuple(f"{region.name}{letter}" for letter in "abc")
    shards = topology.node_groups(group_id, spec, zones)
    shard.judge(shards)
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
            for planned in shards
        ],
        snapshot_window=specs.text(spec.snapshot_window, DEFAULT_SNAPSHOT_WINDOW),
        maintenance_window=specs.text(spec.preferred_maintenance_window, DEFAULT_MAINTENANCE_WINDOW),
        auth_tokens=tokens,
        topic=notification.topic(region.account_id, region.name, request.get("NotificationTopicArn")),
    )
    if world:
        global_member.take_after(region, world, group)
    room.for_nodes(region, len(list(group.members)))
    if adopted:
        group.node_groups[0].primary.cache_cluster_id = adopted.cache_cluster_id
        region.cache_clusters.forget(adopted.cache_cluster_id)
    seed = _seed(region, group, request)
    region.replication_groups[group_id] = group
    region.tag([group.arn, *(region.arn("cluster", item.cache_cluster_id) for item in group.members)], request)
    if world:
        global_member.joined(region, world, group)
    answer = {"ReplicationGroup": describe(region, group)}

    def start() -> None:
        provision.create(region, group, seed)
        # What came from S3 for this.
        snapshot_data.forget(group.arn)

    runtime.current().lifecycle.start(f"create {group_id}", start)
    return answer


def describe_replication_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List replication groups, or one by id."""
    groups = region.replication_groups.listed(request.get("ReplicationGroupId"))
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
    if group.global_replication_group_id:
        raise invalid_state(
            f"Replication group {group.replication_group_id} belongs to {group.global_replication_group_id}: "
            "disassociate it first."
        )
    if busy(group):
        raise invalid_state(f"A failover of {group.replication_group_id} has not ended yet.")
    retained = _retained(region, group) if request.get("RetainPrimaryCluster") else None
    name = request.get("FinalSnapshotIdentifier")
    final = snapshot_record.of_group(region, group, name) if name else None
    group.status = "deleting"
    for member in group.members:
        member.status = "deleting"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        if final:
            snapshot_record.complete(region, final)
        provision.delete(region, group)
        if retained:
            region.cache_clusters[retained.cache_cluster_id] = retained

    runtime.current().lifecycle.start(f"delete {group.replication_group_id}", finish)
    return answer


def _retained(region: Region, group: ReplicationGroup) -> CacheCluster:
    """Return the primary of a group as a cache cluster of its own, which stays when the group goes.

    Raises:
        Fault: InvalidParameterCombination where a cache cluster cannot run what the group runs.
    """
    not_yet.refuse_with_engines("RetainPrimaryCluster")
    spec = group.spec
    if group.cluster_mode_enabled or spec.engine == Engine.VALKEY:
        raise invalid_combination(
            "RetainPrimaryCluster: a cache cluster runs redis without cluster mode; take a final snapshot instead."
        )
    primary = group.node_groups[0].primary
    return CacheCluster(
        cache_cluster_id=primary.cache_cluster_id,
        arn=region.arn("cluster", primary.cache_cluster_id),
        spec=CacheClusterSpec(
            cluster_name=primary.cache_cluster_id,
            engine="redis",
            engine_version=group.engine_version,
            cache_node_type=spec.cache_node_type,
            num_cache_nodes=1,
            cache_subnet_group_name=spec.cache_subnet_group_name,
            cache_parameter_group_name=spec.cache_parameter_group_name,
            port=spec.port,
            vpc_security_group_ids=spec.security_group_ids,
            subnet_zones=spec.subnet_zones,
        ),
        engine_version=group.engine_version,
        parameter_group_name=group.parameter_group_name,
        nodes=[CacheNode("0001", str(primary.availability_zone), "available", primary.created)],
        snapshot_window=group.snapshot_window,
        maintenance_window=group.maintenance_window,
        status="available",
        created=primary.created,
        topic=group.topic,
    )


def _with_snapshot(region: Region, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the request with what it leaves to the snapshot that the group starts with."""
    if not request.get("SnapshotName"):
        return request
    taken = region.snapshots.find(request["SnapshotName"])
    if taken.status != "available":
        raise invalid_value(f"Snapshot {taken.snapshot_name} is {taken.status}, not available.")
    decided = {"CacheNodeType": taken.cache_node_type, "Engine": taken.engine}
    if request.get("Engine") in (None, taken.engine):
        decided["EngineVersion"] = taken.configuration["EngineVersion"]
    return {**decided, **{name: value for name, value in request.items() if value is not None}}


def _adopt(region: Region, request: Mapping[str, Any]) -> tuple[CacheCluster | None, Mapping[str, Any]]:
    """Return the cache cluster that becomes the primary of a new group, and the request with what it decides.

    Raises:
        Fault: CacheClusterNotFound, InvalidCacheClusterState, InvalidParameterCombination.
    """
    if not request.get("PrimaryClusterId"):
        return None, request
    not_yet.refuse_with_engines("PrimaryClusterId")
    cluster = available_cluster(region, request["PrimaryClusterId"])
    if cluster.engine != Engine.REDIS:
        raise invalid_combination(f"PrimaryClusterId {cluster.cache_cluster_id} runs {cluster.engine}, not redis.")
    decided = {
        "CacheNodeType": cluster.spec.cache_node_type,
        "Engine": cluster.engine,
        "EngineVersion": cluster.engine_version,
        "CacheSubnetGroupName": cluster.spec.cache_subnet_group_name,
        "CacheParameterGroupName": cluster.spec.cache_parameter_group_name,
        "Port": cluster.spec.port,
    }
    return cluster, {**{name: value for name, value in decided.items() if value is not None}, **request}


def _seed(region: Region, group: ReplicationGroup, request: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the files that a group starts with; shards get the slots of the snapshot unless the request says others.

    Raises:
        Fault: InvalidParameterValue where the data are not there, InvalidParameterCombination where they do not go into
            the shards of the group.
    """
    if arns := texts(request, "SnapshotArns"):
        _refuse_shards(group, "SnapshotArns", len(arns))
        return snapshot_data.fetch(region, arns, group.arn)
    if name := request.get("ServerlessCacheSnapshotName"):
        files = serverless_snapshot_record.files(region.serverless_snapshots.find(name))
        _refuse_shards(group, "ServerlessCacheSnapshotName", len(files))
        return files
    if not (name := request.get("SnapshotName")):
        return ()
    taken = region.snapshots.find(name)
    _refuse_shards(group, "SnapshotName", len(taken.nodes))
    if group.cluster_mode_enabled and not group.spec.node_group_configuration:
        if len(group.node_groups) != len(taken.nodes):
            raise invalid_combination(
                f"SnapshotName: {taken.snapshot_name} has {len(taken.nodes)} shards, and the group would have "
                f"{len(group.node_groups)}: set NumNodeGroups to {len(taken.nodes)}, or give the Slots of every shard "
                "in NodeGroupConfiguration."
            )
        for node_group, node in zip(group.node_groups, taken.nodes, strict=True):
            node_group.slots = node.slots or node_group.slots
    return snapshot_record.files(taken)


def _refuse_shards(group: ReplicationGroup, member: str, count: int) -> None:
    """Refuse the data of several shards for a group that has but one, before its node does.

    Raises:
        Fault: InvalidParameterCombination. No page of AWS says what it answers; this says what to do.
    """
    if count > 1 and not group.cluster_mode_enabled:
        raise invalid_combination(
            f"{member}: the data are those of {count} shards, and with cluster mode disabled there is one. Set "
            f"NumNodeGroups to {count} and AutomaticFailoverEnabled to true, and name a parameter group with "
            f"cluster-enabled, such as default.{specs.engine_version(group.spec).family}.cluster.on."
        )


def _follow(
    region: Region, group_id: str, request: Mapping[str, Any]
) -> tuple[GlobalReplicationGroup, Mapping[str, Any]]:
    """Return the global datastore that a new group joins, and the request with what the primary decides."""
    world, primary = global_member.join(region, request["GlobalReplicationGroupId"])
    spec = primary.spec
    decided: dict[str, Any] = {
        "AtRestEncryptionEnabled": spec.at_rest_encryption_enabled,
        "AutomaticFailoverEnabled": spec.automatic_failover_enabled,
        "CacheNodeType": spec.cache_node_type,
        "Engine": spec.engine,
        "EngineVersion": primary.engine_version,
        "TransitEncryptionEnabled": spec.transit_encryption_enabled,
        "TransitEncryptionMode": spec.transit_encryption_mode,
    }
    if primary.cluster_mode_enabled:
        decided["NumNodeGroups"] = len(primary.node_groups)
        if request.get("ReplicasPerNodeGroup") is None:
            decided["ReplicasPerNodeGroup"] = len(primary.node_groups[0].replicas)
    own = {name: value for name, value in request.items() if name != "GlobalReplicationGroupId"}
    decided = {name: value for name, value in decided.items() if value is not None}
    # What the request says for itself must not be something else than what the primary decides.
    global_member.judge_joining(region, world, specs.requested(region, group_id, {**decided, **own}))
    return world, {**own, **decided}
