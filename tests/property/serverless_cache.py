"""Serverless caches that ElastiCache takes, by construction, and how they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from elasticache_kit.model import serverless_cache
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, ServerlessCacheSpec, UsageLimitSpec
from tests.property.member import request
from tests.property.replication_group import NAMES, TEXTS
from tests.property.world import LETTERS, REGION, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.rule import Violation

MAJORS = (("valkey", "7"), ("valkey", "8"), ("valkey", "9"), ("redis", "7"), ("memcached", "1.6"))


@st.composite
def good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ServerlessCacheSpec:
    """Draw a serverless cache that ElastiCache takes."""
    engine, major = draw(st.sampled_from(MAJORS))
    retention: int | None = draw(st.none() | st.integers(0, 35))
    optional: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "description": TEXTS,
                "major_engine_version": st.just(major),
                "cache_usage_limits": _limits(),
                "security_group_ids": st.just(("sg-0123456789abcdef0",)),
                "kms_key_id": st.just("arn:aws:kms:eu-west-1:123456789012:key/k"),
                "connection_type": st.just("vpc"),
                "network_type": st.just("ipv4"),
                "tags": st.dictionaries(st.sampled_from(["team", "stage", "cost centre"]), st.sampled_from(["a", ""])),
            },
        )
    )
    if retention:
        optional["daily_snapshot_time"] = draw(st.sampled_from([None, "00:00", "09:30", "23:59"]))
    zones: tuple[str, ...] = draw(st.sampled_from([("a", "b"), ("b", "c"), ("a", "b", "c")]))
    return ServerlessCacheSpec(
        serverless_cache_name=draw(NAMES),
        engine=engine,
        snapshot_retention_limit=retention,
        subnet_ids=zones,
        subnet_zones=zones,
        **optional,
    )


def settled(spec: ServerlessCacheSpec, world: World) -> ServerlessCacheSpec:
    """Name subnets that are there; user groups and snapshots are left out."""
    told: dict[str, Any] = {
        # Without one there is nothing to remove again, and the SDK's own rule comes first.
        "serverless_cache_name": "orders" if spec.serverless_cache_name is None else spec.serverless_cache_name,
        "user_group_id": None,
        "user_group_engine": None,
        "user_group_users": None,
        "snapshot_arns_to_restore": None,
        "snapshot_engine": None,
        # A member of the deletion.
        "final_snapshot_name": None,
    }
    if isinstance(spec.subnet_ids, tuple):
        zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
        chosen = [
            zones[number] if number < len(zones) and zones[number] in LETTERS else LETTERS[number % len(LETTERS)]
            for number, _ in enumerate(spec.subnet_ids)
        ]
        told["subnet_ids"] = tuple(world.subnets[letter] for letter in chosen)
        told["subnet_zones"] = tuple(REGION + letter for letter in chosen)
    return replace(spec, **told)


def requests(spec: ServerlessCacheSpec) -> Iterator[tuple[str, dict[str, Any], tuple[Violation, ...]]]:
    """Yield the request that asks for a cache."""
    asked = request("CreateServerlessCache", spec)
    if "Tags" in asked:
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in asked["Tags"].items()]
    yield "create_serverless_cache", asked, serverless_cache.check(spec)


def undo(spec: ServerlessCacheSpec) -> tuple[str, dict[str, Any]]:
    """Return the request that removes a cache."""
    return "delete_serverless_cache", {"ServerlessCacheName": spec.serverless_cache_name}


def _limits() -> st.SearchStrategy[CacheUsageLimitsSpec]:
    storage = st.lists(st.integers(1, 5000), min_size=2, max_size=2).map(sorted)
    units = st.lists(st.integers(1000, 15_000_000), min_size=2, max_size=2).map(sorted)
    return st.builds(
        CacheUsageLimitsSpec,
        data_storage=st.none() | storage.map(lambda edge: UsageLimitSpec(minimum=edge[0], maximum=edge[1], unit="GB")),
        ecpu_per_second=st.none() | units.map(lambda edge: UsageLimitSpec(minimum=edge[0], maximum=edge[1])),
    )
