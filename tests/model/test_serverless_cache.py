"""Serverless caches, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.serverless_cache import ServerlessCacheSpec, check, check_change
from elasticache_kit.model.unknown import UNKNOWN
from tests.model.case.serverless_cache import CACHE, MEMCACHED, PUBLIC, storage, units
from tests.model.case.user_group import DEFAULT

REDIS = replace(CACHE, engine="redis", major_engine_version="7")


def problems(spec: ServerlessCacheSpec) -> list[tuple[str, str]]:
    """Return the rules that a cache breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


def versions(engine: str, old: str, new: str) -> tuple[ServerlessCacheSpec, ServerlessCacheSpec]:
    """Return a change of the version."""
    return (
        replace(CACHE, engine=engine, major_engine_version=old),
        replace(CACHE, engine=engine, major_engine_version=new),
    )


@pytest.mark.parametrize(
    ("old", "new", "property_name"),
    [
        (*versions("valkey", "9", "8"), "major_engine_version"),
        (CACHE, MEMCACHED, "engine"),
        (CACHE, REDIS, "engine"),
    ],
)
def test_a_version_does_not_go_down(old: ServerlessCacheSpec, new: ServerlessCacheSpec, property_name: str) -> None:
    """Nor does an engine become another one, but for redis."""
    assert [(found.rule_id, found.property) for found in check_change(old, new)] == [
        ("sl-engine-change", property_name)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        versions("valkey", "8", "9"),
        versions("valkey", "9", "10"),
        versions("valkey", "9", "nine"),
        (REDIS, CACHE),
        (replace(CACHE, major_engine_version="7"), REDIS),
        (replace(CACHE, major_engine_version=None), REDIS),
        (CACHE, replace(CACHE, engine="keydb")),
    ],
)
def test_a_version_goes_up(old: ServerlessCacheSpec, new: ServerlessCacheSpec) -> None:
    """And what another rule refuses is not refused twice."""
    assert check_change(old, new) == ()


def test_a_public_cache_runs_valkey_for_users_with_iam() -> None:
    """All that is wrong comes at once."""
    spec = replace(PUBLIC, engine="redis", major_engine_version="7", user_group_id=None)

    assert problems(spec) == [("sl-public-engine", "engine"), ("sl-public-iam-only", "user_group_id")]


def test_imported_users_of_a_public_cache_are_not_judged() -> None:
    """They may sign in with IAM."""
    assert problems(replace(PUBLIC, user_group_users=(replace(DEFAULT, user_id="imported"),))) == []


@pytest.mark.parametrize("count", [1, 4])
def test_subnets_are_counted(count: int) -> None:
    """Fewer than 2 and more than 3 are doubtful."""
    spec = replace(CACHE, subnet_ids=("subnet-1",) * count, subnet_zones=None)

    assert problems(spec) == [("sl-subnets-vpc", "subnet_ids")]


def test_a_long_description_is_refused() -> None:
    """256 characters are one too many."""
    assert problems(replace(CACHE, description="x" * 256)) == [("sl-description", "description")]


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (storage(0, 0), []),
        (storage(None, 1), []),
        (units(999, 15_000_001), ["ecpu_per_second.minimum", "ecpu_per_second.maximum"]),
        (storage(2, 1), ["data_storage.minimum"]),
    ],
)
def test_every_wrong_limit_is_named(spec: ServerlessCacheSpec, names: list[str]) -> None:
    """0 is no limit."""
    found = [name for rule_id, name in problems(spec) if rule_id != "sl-minimum-costs"]

    assert found == [f"cache_usage_limits.{name}" for name in names]


def test_aws_says_what_is_wrong_with_processing_units() -> None:
    """The emulator answers with its sentence."""
    found = next(item for item in check(units(None, 1)) if item.rule_id == "sl-ecpu-range")

    assert found.aws_code == "InvalidParameterValue"
    assert "between 1000 and 15000000" in (found.aws_message or "")


def test_a_limit_that_nobody_knows_hides_nothing_else() -> None:
    """The other bound is still checked."""
    assert problems(replace(CACHE, cache_usage_limits=UNKNOWN)) == []
