"""Cache clusters: Memcached, single nodes of Redis OSS, and replicas added to a replication group one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import notification, runtime
from elasticache_kit.emulator.action import cache_cluster_spec as specs
from elasticache_kit.emulator.action import page, replication_group_spec, room, snapshot_record
from elasticache_kit.emulator.action.argument import names
from elasticache_kit.emulator.action.cache_cluster_view import describe_cluster, describe_member
from elasticache_kit.emulator.action.replication_group_view import available as available_group
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.state.cache_cluster import CacheCluster, CacheNode
from elasticache_kit.model import cache_cluster as rulebook
from elasticache_kit.model import replication_group as group_rulebook
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, ReplicationGroup
    from elasticache_kit.model.cache_cluster import CacheClusterSpec

DEFAULT_SNAPSHOT_WINDOW = "05:00-06:00"
DEFAULT_MAINTENANCE_WINDOW = "sun:07:00-sun:08:00"


@taking_turns
def create_cache_cluster(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a cache cluster, or a replica in a replication group that exists."""
    cluster_id = str(request.get("CacheClusterId", "")).lower()
    region.cache_clusters.refuse_taken(cluster_id)
    if region.member(cluster_id):
        raise Fault("CacheClusterAlreadyExists", f"Cache cluster {cluster_id} already exists.")
    if request.get("ReplicationGroupId"):
        return _join(region, cluster_id, request)
    spec = specs.requested(region, cluster_id, request)
    refuse(rulebook.check(spec))
    specs.refuse_not_yet(request)
    seed = _seed(region, spec)
    zones = placed(region, spec, int(request["NumCacheNodes"]), ())
    room.for_nodes(region, len(zones))
    cluster = CacheCluster(
        cache_cluster_id=cluster_id,
        arn=region.arn("cluster", cluster_id),
        spec=spec,
        engine_version=specs.engine_version(spec).version,
        parameter_group_name=specs.parameter_group_name(spec),
        nodes=[CacheNode(f"{number:04}", zone) for number, zone in enumerate(zones, start=1)],
        snapshot_window=replication_group_spec.text(spec.snapshot_window, DEFAULT_SNAPSHOT_WINDOW),
        maintenance_window=replication_group_spec.text(spec.preferred_maintenance_window, DEFAULT_MAINTENANCE_WINDOW),
        topic=notification.topic(region.account_id, region.name, request.get("NotificationTopicArn")),
    )
    region.cache_clusters[cluster_id] = cluster
    region.tag([cluster.arn], request)
    answer = {"CacheCluster": describe_cluster(region, cluster)}
    runtime.current().lifecycle.start(
        f"create {cluster_id}", lambda: provision_cache_cluster.create(region, cluster, seed)
    )
    return answer


def describe_cache_clusters(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List cache clusters, or one by id; their nodes only where ShowCacheNodeInfo asks for them."""
    wanted = str(request.get("CacheClusterId") or "").lower()
    nodes = bool(request.get("ShowCacheNodeInfo"))
    rows = {
        cluster.cache_cluster_id: describe_cluster(region, cluster, nodes=nodes)
        for cluster in region.cache_clusters.values()
    }
    if not request.get("ShowCacheClustersNotInReplicationGroups"):
        for group in region.replication_groups.values():
            for member in group.members:
                rows[member.cache_cluster_id] = describe_member(region, group, member, nodes=nodes)
    if wanted and wanted not in rows:
        raise Fault("CacheClusterNotFound", f"CacheCluster not found: {wanted}")
    chosen = [rows[wanted]] if wanted else [rows[name] for name in sorted(rows)]
    items, marker = page.cut(chosen, request, key=lambda item: item["CacheClusterId"])
    return {"CacheClusters": items, "Marker": marker}


@taking_turns
def delete_cache_cluster(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a cache cluster, or a replica of a replication group without cluster mode."""
    if found := region.member(request["CacheClusterId"]):
        return _leave(region, *found, request)
    cluster = region.cache_clusters.find(request["CacheClusterId"])
    if cluster.status != "create-failed":
        cluster = available(region, cluster.cache_cluster_id)
    name = request.get("FinalSnapshotIdentifier")
    final = snapshot_record.of_cache_cluster(region, cluster, name) if name else None
    cluster.status = "deleting"
    answer = {"CacheCluster": describe_cluster(region, cluster)}

    def finish() -> None:
        if final:
            snapshot_record.complete(region, final)
        provision_cache_cluster.delete(region, cluster)

    runtime.current().lifecycle.start(f"delete {cluster.cache_cluster_id}", finish)
    return answer


@taking_turns
def reboot_cache_cluster(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Restart nodes of a cache cluster, or a node of a replication group without cluster mode."""
    wanted = names(request, "CacheNodeIdsToReboot")
    if found := region.member(request["CacheClusterId"]):
        return _reboot_member(region, *found, wanted)
    cluster = available(region, request["CacheClusterId"])
    nodes = {node.cache_node_id: node for node in cluster.nodes}
    _refuse_unknown(wanted, nodes)
    cluster.status = "rebooting cluster nodes"
    for node_id in wanted:
        nodes[node_id].status = "rebooting"
    answer = {"CacheCluster": describe_cluster(region, cluster, nodes=True)}

    runtime.current().lifecycle.start(
        f"reboot {cluster.cache_cluster_id}",
        lambda: provision_cache_cluster.reboot(region, cluster, [nodes[node_id] for node_id in wanted]),
    )
    return answer


def available(region: Region, cluster_id: str) -> CacheCluster:
    """Find a cluster at rest, which is what every change asks for.

    Raises:
        Fault: CacheClusterNotFound, InvalidCacheClusterState.
    """
    return region.cache_clusters.at_rest(cluster_id, "InvalidCacheClusterState")


def invalid_cluster_state(message: str) -> Fault:
    """A cache cluster is in a state in which the operation is refused."""
    return Fault("InvalidCacheClusterState", message)


def placed(region: Region, spec: CacheClusterSpec, count: int, present: Sequence[str]) -> list[str]:
    """Choose the zone of each new node.

    Args:
        region: where the cluster is.
        spec: what was asked for: zones by name, or a mode.
        count: how many nodes come.
        present: the zones of the nodes that are there.
    """
    named = spec.preferred_availability_zones
    if not present and isinstance(named, tuple) and named:
        return [named[number % len(named)] for number in range(count)]
    zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
    zones = zones or tuple(f"{region.name}{letter}" for letter in "abc")
    if spec.az_mode == "cross-az":
        return [zones[(len(present) + number) % len(zones)] for number in range(count)]
    single = spec.preferred_availability_zone if isinstance(spec.preferred_availability_zone, str) else zones[0]
    return [present[0] if present else single] * count


def _seed(region: Region, spec: CacheClusterSpec) -> tuple[Path, ...]:
    """Return the files that a single node starts with.

    Raises:
        Fault: the snapshot is of another engine, of several shards, or holds no data.
    """
    if not isinstance(spec.snapshot_name, str):
        return ()
    taken = region.snapshots.find(spec.snapshot_name)
    if taken.engine != spec.engine:
        raise invalid_combination(f"The snapshot is of {taken.engine}, and the cluster of {spec.engine}.")
    if len(taken.nodes) > 1:
        raise invalid_combination(f"The snapshot has {len(taken.nodes)} shards: restore it into a replication group.")
    return snapshot_record.files(taken)


def _refuse_unknown(wanted: Sequence[str], present: Mapping[str, object]) -> None:
    if not wanted:
        raise invalid_value("CacheNodeIdsToReboot must name at least one node.")
    if unknown := [item for item in wanted if item not in present]:
        raise invalid_value(f"No such cache nodes: {', '.join(unknown)}; there are {', '.join(present)}.")


def _join(region: Region, cluster_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add a replica to a replication group; what the group decides cannot be said for one node."""
    group = available_group(region, request["ReplicationGroupId"])
    if group.cluster_mode_enabled:
        raise invalid_combination("Nodes join a group in cluster mode by IncreaseReplicaCount.")
    own = {"CacheClusterId", "ReplicationGroupId", "PreferredAvailabilityZone", "Tags", "Action", "Version"}
    if decided := sorted(name for name, value in request.items() if value not in (None, "", []) and name not in own):
        raise invalid_combination(
            f"{', '.join(decided)}: a node takes this from its replication group {group.replication_group_id}."
        )
    node_group = group.node_groups[0]
    spec = replication_group_spec.with_replicas(group.spec, len(node_group.replicas) + 1)
    refuse(rulebook_of_name(cluster_id))
    refuse(group_rulebook.check(spec))
    room.for_nodes(region, 1)
    group.status = "modifying"
    arn = region.arn("cluster", cluster_id)
    region.tag([arn], request)

    def finish() -> None:
        running = runtime.current().lifecycle
        running.pause(running.timing.create)
        provision.add_member(region, group, node_group, cluster_id, request.get("PreferredAvailabilityZone"))
        group.spec = spec

    runtime.current().lifecycle.start(f"create {cluster_id}", lambda: provision.change(group, finish))
    return {
        "CacheCluster": {
            "CacheClusterId": cluster_id,
            "CacheClusterStatus": "creating",
            "CacheNodeType": spec.cache_node_type,
            "Engine": spec.engine,
            "EngineVersion": group.engine_version,
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": request.get("PreferredAvailabilityZone"),
            "ReplicationGroupId": group.replication_group_id,
            "ARN": arn,
        }
    }


def rulebook_of_name(cluster_id: str) -> list[Any]:
    """Return what the rulebook finds in a name alone."""
    spec = rulebook.CacheClusterSpec(
        cluster_name=cluster_id, engine=Engine.REDIS, num_cache_nodes=1, cache_node_type="cache.t4g.small"
    )
    return [item for item in rulebook.check(spec) if item.property == "cluster_name"]


def _leave(region: Region, group: ReplicationGroup, member: Member, request: Mapping[str, Any]) -> dict[str, Any]:
    group = available_group(region, group.replication_group_id)
    if group.cluster_mode_enabled:
        raise invalid_combination(
            "DeleteCacheCluster is not for groups in cluster mode: use DecreaseReplicaCount or "
            "ModifyReplicationGroupShardConfiguration."
        )
    if member.role == "primary":
        raise invalid_cluster_state(f"{member.cache_cluster_id} is the primary of {group.replication_group_id}.")
    node_group = group.node_groups[0]
    spec = replication_group_spec.with_replicas(group.spec, len(node_group.replicas) - 1)
    if len(node_group.replicas) == 1 and (spec.automatic_failover_enabled or spec.multi_az_enabled):
        raise invalid_cluster_state(
            f"{member.cache_cluster_id} is the last replica of a group with automatic failover: turn that off first."
        )
    name = request.get("FinalSnapshotIdentifier")
    final = snapshot_record.of_member(region, group, member, name) if name else None
    group.status, member.status = "modifying", "deleting"
    answer = {"CacheCluster": describe_member(region, group, member)}

    def finish() -> None:
        if final:
            snapshot_record.complete(region, final)
        running = runtime.current().lifecycle
        running.pause(running.timing.delete)
        provision.remove_member(region, group, node_group, member)
        group.spec = spec

    runtime.current().lifecycle.start(f"delete {member.cache_cluster_id}", lambda: provision.change(group, finish))
    return answer


def _reboot_member(region: Region, group: ReplicationGroup, member: Member, wanted: Sequence[str]) -> dict[str, Any]:
    if group.cluster_mode_enabled:
        raise invalid_combination("RebootCacheCluster is not for groups in cluster mode.")
    available_group(region, group.replication_group_id)
    _refuse_unknown(wanted, {"0001": member})
    member.status = "rebooting cluster nodes"
    answer = {"CacheCluster": describe_member(region, group, member, nodes=True)}

    runtime.current().lifecycle.start(
        f"reboot {member.cache_cluster_id}", lambda: provision.reboot(region, group, member)
    )
    return answer
