"""Engines and versions."""

from __future__ import annotations

from typing import cast

import pytest

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import (
    Engine,
    EngineVersion,
    cluster_mode_families,
    default_version,
    families,
    latest,
    versions,
)


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        ("valkey", "9.0", "valkey9"),
        ("valkey", "7.2", "valkey7"),
        ("redis", "7.1", "redis7"),
        ("redis", "6.x", "redis6.x"),
        ("redis", "6.2", "redis6.x"),
        ("redis", "5.0.6", "redis5.0"),
        ("redis", "3.2.6", "redis3.2"),
        ("memcached", "1.6.22", "memcached1.6"),
        # Not in the data: the family follows from the number.
        ("valkey", "10.1", "valkey10"),
        ("redis", "6.9", "redis6.x"),
        ("redis", "4.0.9", "redis4.0"),
        ("memcached", "1.6.99", "memcached1.6"),
    ],
)
def test_the_family_follows_from_the_version(engine: str, version: str, family: str) -> None:
    """Parameter groups are named by it."""
    assert EngineVersion.of(engine, version).family == family


def test_every_listed_version_is_of_a_listed_family() -> None:
    """The data agrees with itself."""
    for engine in Engine:
        for version in versions(engine):
            assert families()[version.family] is engine
            assert version.known


def test_versions_are_sorted_by_number() -> None:
    """10 comes after 9, and the newest is the default."""
    found = [EngineVersion.of("valkey", text) for text in ("10.0", "9.1", "8.2")]

    assert sorted(found) == found[::-1]
    assert found[0] > found[1]
    assert versions(Engine.REDIS)[0].version == "4.0.10"
    assert latest(Engine.REDIS).version == "7.1"
    assert default_version(Engine.VALKEY) == latest(Engine.VALKEY) == max(versions(Engine.VALKEY))


def test_a_trailing_zero_makes_no_other_number() -> None:
    """6.2.0 is not newer than 6.2."""
    assert EngineVersion.of("redis", "6.2").number == EngineVersion.of("redis", "6.2.0").number == (6, 2, 0)


def test_6_x_is_the_newest_redis_6() -> None:
    """It sorts behind 6.2 and before 7.0, and can do what 6.2 can."""
    newest = EngineVersion.of("redis", "6.x")

    assert EngineVersion.of("redis", "6.2") < newest < EngineVersion.of("redis", "7.0")
    assert newest.features == EngineVersion.of("redis", "6.2").features
    assert newest.known


def test_a_later_version_can_do_what_the_one_before_can() -> None:
    """A version that came out after this release is not known, and usable."""
    later = EngineVersion.of("valkey", "9.9")

    assert not later.known
    assert later.features == latest(Engine.VALKEY).features


@pytest.mark.parametrize(
    ("engine", "version", "feature", "has"),
    [
        ("valkey", "7.2", "tls_change_after_create", True),
        ("redis", "6.2", "tls_change_after_create", False),
        ("redis", "3.2.6", "tls", True),
        ("redis", "3.2.10", "tls", False),
        ("redis", "4.0.10", "tls", True),
        ("redis", "2.8.24", "tls", False),
        ("valkey", "9.0", "durability", True),
        ("valkey", "8.2", "durability", False),
        ("valkey", "9.0", "no such feature", False),
        ("redis", "1.0.0", "cluster_mode", False),
    ],
)
def test_versions_know_their_features(engine: str, version: str, feature: str, has: bool) -> None:
    """The floors of the features are those of the data."""
    assert EngineVersion.of(engine, version).supports(feature) is has


def test_redis_2_has_no_cluster_mode() -> None:
    """Nor has memcached."""
    assert {"redis2.8", "memcached1.6"}.isdisjoint(cluster_mode_families())
    assert "valkey9" in cluster_mode_families()


@pytest.mark.parametrize("version", ["", "nine", "9", "9.0-rc1", "v9.0", "9.0.0.0"])
def test_what_is_no_version_is_refused(version: str) -> None:
    """The message shows one that is."""
    with pytest.raises(ValidationError, match=f"{version!r} is not a version of valkey: give a number such as '9.1'"):
        EngineVersion.of("valkey", version)


def test_a_version_is_text() -> None:
    """A number has lost its last zero, so it is not guessed at."""
    with pytest.raises(ValidationError, match=r"8\.1 is not a version of valkey: give a text such as"):
        EngineVersion.of("valkey", cast("str", 8.1))


def test_what_is_no_engine_is_refused() -> None:
    """The message lists those that are."""
    with pytest.raises(ValidationError, match="'mysql' is not an engine of ElastiCache: take one of valkey, redis"):
        EngineVersion.of("mysql", "8.0")


def test_a_version_reads_well() -> None:
    """As in a message."""
    assert str(EngineVersion.of(Engine.VALKEY, "9.0")) == "valkey 9.0"
