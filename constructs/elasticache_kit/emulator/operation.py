"""Every operation that the emulator answers: which function does, and how far it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from elasticache_kit.emulator.action import (
    cache_cluster,
    cache_cluster_change,
    engine_version,
    event,
    failover,
    global_replication_group,
    global_replication_group_change,
    migration,
    parameter_group,
    replica_count,
    replication_group,
    replication_group_change,
    reserved_node,
    security_group,
    serverless_cache,
    serverless_snapshot,
    service_update,
    shard_configuration,
    snapshot,
    subnet_group,
    tag,
    user,
    user_group,
)
from elasticache_kit.emulator.region import Region

Action = Callable[[Region, Mapping[str, Any]], dict[str, Any]]
Depth = Literal["real", "control plane"]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API.

    Args:
        action: what answers it.
        depth: `real` where engines do what the API says, or where there are only records on AWS too; `control plane`
            where records, statuses and events are kept and running engines do not feel it yet.
    """

    action: Action
    depth: Depth


def _real(action: Action) -> Operation:
    return Operation(action, "real")


def _control_plane(action: Action) -> Operation:
    return Operation(action, "control plane")


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "AddTagsToResource": _real(tag.add_tags_to_resource),
        "AuthorizeCacheSecurityGroupIngress": _real(security_group.refuse),
        "BatchApplyUpdateAction": _control_plane(service_update.batch_apply_update_action),
        "BatchStopUpdateAction": _control_plane(service_update.batch_stop_update_action),
        "CompleteMigration": _real(migration.complete_migration),
        "CopyServerlessCacheSnapshot": _real(serverless_snapshot.copy_serverless_cache_snapshot),
        "CopySnapshot": _real(snapshot.copy_snapshot),
        "CreateCacheCluster": _real(cache_cluster.create_cache_cluster),
        "CreateCacheParameterGroup": _real(parameter_group.create_cache_parameter_group),
        "CreateCacheSecurityGroup": _real(security_group.refuse),
        "CreateCacheSubnetGroup": _real(subnet_group.create_cache_subnet_group),
        "CreateGlobalReplicationGroup": _real(global_replication_group.create_global_replication_group),
        "CreateReplicationGroup": _real(replication_group.create_replication_group),
        "CreateServerlessCache": _real(serverless_cache.create_serverless_cache),
        "CreateServerlessCacheSnapshot": _real(serverless_snapshot.create_serverless_cache_snapshot),
        "CreateSnapshot": _real(snapshot.create_snapshot),
        "CreateUser": _real(user.create_user),
        "CreateUserGroup": _real(user_group.create_user_group),
        "DecreaseNodeGroupsInGlobalReplicationGroup": _real(
            global_replication_group_change.decrease_node_groups_in_global_replication_group
        ),
        "DecreaseReplicaCount": _real(replica_count.decrease_replica_count),
        "DeleteCacheCluster": _real(cache_cluster.delete_cache_cluster),
        "DeleteCacheParameterGroup": _real(parameter_group.delete_cache_parameter_group),
        "DeleteCacheSecurityGroup": _real(security_group.refuse),
        "DeleteCacheSubnetGroup": _real(subnet_group.delete_cache_subnet_group),
        "DeleteGlobalReplicationGroup": _real(global_replication_group.delete_global_replication_group),
        "DeleteReplicationGroup": _real(replication_group.delete_replication_group),
        "DeleteServerlessCache": _real(serverless_cache.delete_serverless_cache),
        "DeleteServerlessCacheSnapshot": _real(serverless_snapshot.delete_serverless_cache_snapshot),
        "DeleteSnapshot": _real(snapshot.delete_snapshot),
        "DeleteUser": _real(user.delete_user),
        "DeleteUserGroup": _real(user_group.delete_user_group),
        "DescribeCacheClusters": _real(cache_cluster.describe_cache_clusters),
        "DescribeCacheEngineVersions": _real(engine_version.describe_cache_engine_versions),
        "DescribeCacheParameterGroups": _real(parameter_group.describe_cache_parameter_groups),
        "DescribeCacheParameters": _real(parameter_group.describe_cache_parameters),
        "DescribeCacheSecurityGroups": _real(security_group.describe_cache_security_groups),
        "DescribeCacheSubnetGroups": _real(subnet_group.describe_cache_subnet_groups),
        "DescribeEngineDefaultParameters": _real(parameter_group.describe_engine_default_parameters),
        "DescribeEvents": _real(event.describe_events),
        "DescribeGlobalReplicationGroups": _real(global_replication_group.describe_global_replication_groups),
        "DescribeReplicationGroups": _real(replication_group.describe_replication_groups),
        "DescribeReservedCacheNodes": _control_plane(reserved_node.describe_reserved_cache_nodes),
        "DescribeReservedCacheNodesOfferings": _control_plane(reserved_node.describe_reserved_cache_nodes_offerings),
        "DescribeServerlessCacheSnapshots": _real(serverless_snapshot.describe_serverless_cache_snapshots),
        "DescribeServerlessCaches": _real(serverless_cache.describe_serverless_caches),
        "DescribeServiceUpdates": _control_plane(service_update.describe_service_updates),
        "DescribeSnapshots": _real(snapshot.describe_snapshots),
        "DescribeUpdateActions": _control_plane(service_update.describe_update_actions),
        "DescribeUserGroups": _real(user_group.describe_user_groups),
        "DescribeUsers": _real(user.describe_users),
        "DisassociateGlobalReplicationGroup": _real(global_replication_group.disassociate_global_replication_group),
        "ExportServerlessCacheSnapshot": _real(serverless_snapshot.export_serverless_cache_snapshot),
        "FailoverGlobalReplicationGroup": _real(global_replication_group.failover_global_replication_group),
        "IncreaseNodeGroupsInGlobalReplicationGroup": _real(
            global_replication_group_change.increase_node_groups_in_global_replication_group
        ),
        "IncreaseReplicaCount": _real(replica_count.increase_replica_count),
        "ListAllowedNodeTypeModifications": _real(engine_version.list_allowed_node_type_modifications),
        "ListTagsForResource": _real(tag.list_tags_for_resource),
        "ModifyCacheCluster": _real(cache_cluster_change.modify_cache_cluster),
        "ModifyCacheParameterGroup": _real(parameter_group.modify_cache_parameter_group),
        "ModifyCacheSubnetGroup": _real(subnet_group.modify_cache_subnet_group),
        "ModifyGlobalReplicationGroup": _real(global_replication_group_change.modify_global_replication_group),
        "ModifyReplicationGroup": _real(replication_group_change.modify_replication_group),
        "ModifyReplicationGroupShardConfiguration": _real(
            shard_configuration.modify_replication_group_shard_configuration
        ),
        "ModifyServerlessCache": _real(serverless_cache.modify_serverless_cache),
        "ModifyUser": _real(user.modify_user),
        "ModifyUserGroup": _real(user_group.modify_user_group),
        "PrepareMigration": _control_plane(migration.prepare_migration),
        "PurchaseReservedCacheNodesOffering": _control_plane(reserved_node.purchase_reserved_cache_nodes_offering),
        "RebalanceSlotsInGlobalReplicationGroup": _real(
            global_replication_group_change.rebalance_slots_in_global_replication_group
        ),
        "RebootCacheCluster": _real(cache_cluster.reboot_cache_cluster),
        "RemoveTagsFromResource": _real(tag.remove_tags_from_resource),
        "ResetCacheParameterGroup": _real(parameter_group.reset_cache_parameter_group),
        "RevokeCacheSecurityGroupIngress": _real(security_group.refuse),
        "StartMigration": _real(migration.start_migration),
        "StopMigration": _control_plane(migration.stop_migration),
        "TestFailover": _real(failover.test_failover),
        "TestMigration": _real(migration.test_migration),
    }
)
