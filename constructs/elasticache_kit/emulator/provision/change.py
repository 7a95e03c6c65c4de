"""What ModifyReplicationGroup does to running engines: cluster mode, TLS, engine and version, node type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.provision import global_replication_group as provision_global
from elasticache_kit.emulator.provision import parameter as provision_parameter
from elasticache_kit.model import topology
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec


def change_engines(
    region: Region, group: ReplicationGroup, spec: ReplicationGroupSpec, *, version: str, parameter_group_name: str
) -> None:
    """Bring the engines of a group, where any run, to what it shall be; clients go on meanwhile.

    Args:
        region: where the group is.
        group: the group as it is.
        spec: what it shall be.
        version: the engine version that it shall have.
        parameter_group_name: the parameter group that it shall have.

    Raises:
        EmulatorError: the engines do not play along; the records of the group shall stay as they are.
    """
    running, key = runtime.current(), region.fleet_key(group.replication_group_id)
    if running.fleet is None:
        return
    with running.lifecycle.away():
        if spec.cluster_mode != group.spec.cluster_mode:
            cluster_mode = topology.cluster_mode_enabled(spec) is True
            running.fleet.change_cluster_mode(key, cluster_mode=cluster_mode, compatible=compatible(spec))
        tls = bool(spec.transit_encryption_enabled)
        if tls != bool(group.spec.transit_encryption_enabled):
            running.fleet.change_tls(key, tls=tls, preferred=spec.transit_encryption_mode == "preferred")
        replaced = False
        if (spec.engine, version) != (group.spec.engine, group.engine_version):
            provision_global.await_secondaries(region, group)
            settings = provision_parameter.of_group(region, parameter_group_name, spec.cache_node_type)
            replaced = running.fleet.upgrade(key, str(spec.engine or Engine.REDIS), version, settings)
        if spec.cache_node_type != group.spec.cache_node_type and not replaced:
            running.fleet.replace_nodes(key, provision_parameter.maxmemory(spec.cache_node_type))
            replaced = True
    for member in group.members if replaced else ():
        member.reboot_pending = False


def compatible(spec: ReplicationGroupSpec) -> bool:
    """Tell whether clients of both cluster modes are let in."""
    return spec.cluster_mode == "compatible"
