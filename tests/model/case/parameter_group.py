"""Parameter groups: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.parameter import ParameterGroupSpec

PARAMETERS = ParameterGroupSpec(cache_parameter_group_family="valkey9", description="Orders")


def parameters(family: str = "valkey9", **values: str) -> ParameterGroupSpec:
    """Return a parameter group; `maxmemory_policy` stands for `maxmemory-policy`."""
    return replace(
        PARAMETERS,
        cache_parameter_group_family=family,
        parameters={name.replace("_", "-"): value for name, value in values.items()},
    )


CASES: dict[str, tuple[ParameterGroupSpec, ParameterGroupSpec]] = {
    "pg-name": (
        replace(PARAMETERS, cache_parameter_group_name="p" * 256),
        replace(PARAMETERS, cache_parameter_group_name="p" * 255),
    ),
    "pg-family-required": (replace(PARAMETERS, cache_parameter_group_family=None), PARAMETERS),
    "pg-family-exists": (parameters("valkey6"), parameters("valkey7")),
    "pg-family-known": (parameters("valkey10"), parameters("valkey9")),
    "pg-description-required": (replace(PARAMETERS, description=None), PARAMETERS),
    "pg-parameter-exists": (parameters(maxmemory_polic="noeviction"), parameters(maxmemory_policy="noeviction")),
    "pg-parameter-listed": (parameters("redis2.8", timeouts="0"), parameters("redis2.8", hash_max_ziplist_value="0")),
    "rg-aof-gone": (parameters(appendonly="yes"), parameters("redis2.8", appendonly="yes")),
    "pg-not-modifiable": (parameters(maxmemory="1"), parameters(cluster_enabled="yes")),
    "pg-value-type": (parameters(timeout="never"), parameters(timeout="20")),
    "pg-value-allowed": (parameters(timeout="19"), parameters(timeout="20")),
    "mc-slab-rules": (
        replace(parameters("memcached1.6"), parameters={"slab_chunk_max": "524289"}),
        replace(parameters("memcached1.6"), parameters={"slab_chunk_max": "524289", "max_item_size": "1048578"}),
    ),
}
