"""Rules of the parameter group that a replication group names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import engine, topology
from elasticache_kit.model.parameter.family import default_group_family, default_parameter_group
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec


def several_shards(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-multi-shard-needs-cme-parameter-group."""
    name = known(spec.cache_parameter_group_name)
    if name is None or known(topology.parameter_group_cluster_enabled(spec)):
        return
    if (shards := len(effective.replica_counts(spec))) > 1:
        yield Finding(
            "cache_parameter_group_name",
            name,
            f"{shards} shards need a parameter group with cluster-enabled=yes",
            _cluster_mode_group(spec),
        )


def one_shard(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-one-shard-default-group."""
    if known(spec.num_node_groups) == 1 and known(spec.cache_parameter_group_name) is None:
        if known(spec.cluster_mode) is not None:
            return
        yield Finding(
            "cache_parameter_group_name",
            None,
            "with 1 shard it is the parameter group that says whether cluster mode is on; it will be off",
            f"{_cluster_mode_group(spec)} for cluster mode, or leave num_node_groups out",
        )


def family_match(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """pg-family-match."""
    name = known(spec.cache_parameter_group_name)
    if name is None or _is_missing(spec, name):
        return
    family, version = effective.parameter_group_family(spec), effective.version(spec)
    if family == version.family:
        return
    if known(spec.engine_version) is None and engine.families().get(family) is version.engine:
        # Which version AWS takes then is not written anywhere.
        return
    yield Finding(
        "cache_parameter_group_name",
        name,
        f"it is of the family {family}, and {version} needs {version.family}",
        f"take a parameter group of the family {version.family}, or another engine_version",
        f"Expected a parameter group of family {version.family} but found one of family {family}",
    )


def default_exists(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """pg-default-exists."""
    name = known(spec.cache_parameter_group_name)
    if name is not None and _is_missing(spec, name):
        version = effective.version(spec)
        proper = [default_parameter_group(version.family, cluster_mode=mode) for mode in (False, True)]
        yield Finding(
            "cache_parameter_group_name",
            name,
            "AWS has no parameter group of this name",
            f"for {version} take {' or '.join(proper)}",
            f"CacheParameterGroup not found: {name}",
        )


def _is_missing(spec: ReplicationGroupSpec, name: str) -> bool:
    family = default_group_family(name)
    if family is None:
        return False
    # A version that came out after this release brings a family that is not known either.
    families = {*engine.families(), effective.version(spec).family}
    return name.lower() not in {
        default_parameter_group(item, cluster_mode=mode) for item in families for mode in (False, True)
    }


def _cluster_mode_group(spec: ReplicationGroupSpec) -> str:
    return f"take {default_parameter_group(effective.version(spec).family, cluster_mode=True)}, or one of your own"


CHECKS = {
    "rg-multi-shard-needs-cme-parameter-group": several_shards,
    "rg-one-shard-default-group": one_shard,
    "pg-family-match": family_match,
    "pg-default-exists": default_exists,
}
