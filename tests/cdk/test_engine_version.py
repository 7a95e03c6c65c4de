"""The constants for engine versions."""

from __future__ import annotations

import pytest

from elasticache_kit.cdk import EngineVersion, RedisVersion, ValkeyVersion
from elasticache_kit.model.engine import Engine, versions


def _constants(names: type) -> set[EngineVersion]:
    return {value for name, value in vars(names).items() if name.startswith("VER_")}


def test_every_valkey_version_has_a_constant() -> None:
    """A version that the rulebook learns gets its constant."""
    assert _constants(ValkeyVersion) == set(versions(Engine.VALKEY))


def test_redis_constants_are_versions_that_a_new_cache_can_run() -> None:
    """The constants leave out versions near their end, `of` has them."""
    assert _constants(RedisVersion) <= set(versions(Engine.REDIS))


@pytest.mark.parametrize("names", [ValkeyVersion, RedisVersion])
def test_a_constant_is_called_by_its_number(names: type) -> None:
    """VER_9_0 is 9.0."""
    assert all(
        name == f"VER_{value.version.replace('.', '_')}" for name, value in vars(names).items() if name[:4] == "VER_"
    )


def test_a_version_of_tomorrow() -> None:
    """A version that the rulebook does not know is taken, and its family follows from its number."""
    version = ValkeyVersion.of("10.0")

    assert (version.engine, version.version, version.family, version.known) == ("valkey", "10.0", "valkey10", False)


def test_an_older_redis() -> None:
    """`of` knows the engine."""
    assert RedisVersion.of("5.0.6") == EngineVersion.of(Engine.REDIS, "5.0.6")
