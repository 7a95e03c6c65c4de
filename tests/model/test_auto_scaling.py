"""Scalable targets, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.auto_scaling import ScalableTargetSpec, check
from tests.model.case.auto_scaling import MEMCACHED, REPLICA_TARGET, SCALED, TARGET, of


def problems(spec: ScalableTargetSpec) -> list[tuple[str, str]]:
    """Return the rules that a target breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


def test_data_tiering_needs_a_newer_redis() -> None:
    """Other nodes scale from 6.0 on."""
    tiered = replace(SCALED, engine="redis", cache_node_type="cache.r6gd.xlarge", data_tiering_enabled=True)

    assert problems(of(replace(tiered, engine_version="6.2"))) == [("as-engine", "replication_group")]
    assert problems(of(replace(tiered, engine_version="7.0"))) == []


@pytest.mark.parametrize(("bound", "value"), [("min_capacity", 4), ("max_capacity", 2)])
def test_a_group_outside_its_bounds_changes_at_once(bound: str, value: int) -> None:
    """The bound that it is beyond is named."""
    spec = replace(TARGET, **{"min_capacity": 1, bound: value})

    assert problems(spec) == [("as-min-max-moves-now", bound)]


def test_replicas_are_bound_too() -> None:
    """Every shard is looked at."""
    assert problems(replace(REPLICA_TARGET, min_capacity=2)) == [("as-min-max-moves-now", "min_capacity")]


@pytest.mark.parametrize("bound", ["min_capacity", "max_capacity"])
def test_both_bounds_are_needed(bound: str) -> None:
    """There is no default."""
    assert problems(replace(MEMCACHED, **{bound: None})) == [("as-min-max", bound)]


def test_the_group_of_a_memcached_target_does_not_matter() -> None:
    """It has none."""
    assert problems(replace(MEMCACHED, replication_group=replace(SCALED, engine_version="5.0.6", engine="redis"))) == []
