"""What ElastiCache takes where a spec is silent, and what it makes of what the spec says.

Every function raises UndecidedError where the answer depends on a value that is UNKNOWN, or on one that is wrong in a
way that a rule of its own reports. So no rule guesses, and no mistake is reported twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model import topology
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.parameter.family import default_group_family
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
    from elasticache_kit.model.unknown import Unknown

REPLICATED_ENGINES = (Engine.VALKEY, Engine.REDIS)
# The API of ElastiCache is older than Valkey.
DEFAULT_ENGINE = Engine.REDIS


def engine(spec: ReplicationGroupSpec) -> Engine:
    """Return the engine: redis where it is omitted."""
    name = known(spec.engine)
    if name is None:
        _needs_no_other(spec)
        return DEFAULT_ENGINE
    if name not in REPLICATED_ENGINES:
        raise UndecidedError
    return Engine(name)


def version(spec: ReplicationGroupSpec) -> EngineVersion:
    """Return the engine version: the default one of the engine where it is omitted."""
    name, text = engine(spec), known(spec.engine_version)
    if text is None:
        _needs_no_other(spec)
        return default_version(name)
    try:
        return EngineVersion.of(name, text)
    except ValidationError:
        raise UndecidedError from None


def node_type(spec: ReplicationGroupSpec) -> NodeType:
    """Return the node type."""
    name = known(spec.cache_node_type)
    if name is None:
        raise UndecidedError
    try:
        return NodeType.of(name)
    except ValidationError:
        raise UndecidedError from None


def parameter_group_family(spec: ReplicationGroupSpec) -> str:
    """Return the family of the parameter group: of AWS's own groups the name says it."""
    family = known(spec.parameter_group_family)
    if family is None:
        name = known(spec.cache_parameter_group_name)
        family = default_group_family(name) if name is not None else version(spec).family
    if family is None:
        raise UndecidedError
    return family


def cluster_mode_enabled(spec: ReplicationGroupSpec) -> bool:
    """Tell whether the nodes speak cluster mode."""
    enabled = known(topology.cluster_mode_enabled(spec))
    said = (spec.cluster_mode, spec.cache_parameter_group_name, spec.parameter_group_cluster_enabled)
    if not enabled and not any(item is not None for item in said):
        _needs_no_other(spec)
    return enabled


def cluster_mode(spec: ReplicationGroupSpec) -> str:
    """Return `disabled`, `compatible` or `enabled`, also where ClusterMode is omitted."""
    mode = known(spec.cluster_mode)
    if mode is None:
        return "enabled" if cluster_mode_enabled(spec) else "disabled"
    return mode


def replica_counts(spec: ReplicationGroupSpec) -> tuple[int, ...]:
    """Return the number of replicas of each shard."""
    return topology.replica_counts(spec)


def replicas_property(spec: ReplicationGroupSpec) -> str:
    """Return the property that says how many replicas there are."""
    if known(spec.node_group_configuration):
        return "node_group_configuration"
    if known(spec.num_node_groups) is not None or known(spec.replicas_per_node_group) is not None:
        return "replicas_per_node_group"
    return "num_cache_clusters"


def automatic_failover(spec: ReplicationGroupSpec) -> bool:
    """Tell whether automatic failover is on: off where it is omitted."""
    return _flag(spec, spec.automatic_failover_enabled)


def multi_az(spec: ReplicationGroupSpec) -> bool:
    """Tell whether Multi-AZ is on: off where it is omitted."""
    return known(spec.multi_az_enabled) is True


def transit_encryption(spec: ReplicationGroupSpec) -> bool:
    """Tell whether TLS is on: off where it is omitted, which valkey does not allow."""
    return _flag(spec, spec.transit_encryption_enabled)


def at_rest_encryption(spec: ReplicationGroupSpec) -> bool:
    """Tell whether encryption at rest is on: where it is omitted, on for valkey and off for redis."""
    given = known(spec.at_rest_encryption_enabled)
    return engine(spec) is Engine.VALKEY if given is None else given


def _flag(spec: ReplicationGroupSpec, value: bool | Unknown | None) -> bool:
    """Return a flag: off where it is omitted."""
    if known(value) is None:
        _needs_no_other(spec)
    return value is True


def _needs_no_other(spec: ReplicationGroupSpec) -> None:
    """Make sure that a group does not take what its spec omits from a global datastore or a snapshot."""
    if spec.global_replication_group_id is not None or spec.snapshot_name is not None:
        raise UndecidedError
