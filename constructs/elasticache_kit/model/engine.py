"""Engines and their versions.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, total_ordering
from typing import TYPE_CHECKING, TypedDict, cast

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.data import load
from elasticache_kit.model.unknown import is_deferred

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"\d+\.(?:\d+|x)(?:\.\d+)?")
# The first version of redis whose parameter groups are named by the major version alone.
_FAMILY_BY_MAJOR = 7
_REDIS_6 = 6
# Sorts `6.x`, the newest redis 6, behind every other version 6.
_NEWEST = 1_000_000
_PARTS = 3


class Engine(StrEnum):
    """An engine of ElastiCache."""

    VALKEY = "valkey"
    REDIS = "redis"
    MEMCACHED = "memcached"


class _VersionFact(TypedDict):
    engine: str
    version: str
    family: str
    status: str
    features: list[str]
    source: list[str]


class _FamilyFact(TypedDict):
    family: str
    engine: str
    cluster_mode: bool
    source: list[str]


class _EngineFacts(TypedDict):
    versions: list[_VersionFact]
    past_versions: list[_VersionFact]
    families: list[_FamilyFact]


@total_ordering
@dataclass(frozen=True, slots=True)
class EngineVersion:
    """A version of an engine; sorts by engine, then by number.

    Args:
        engine: the engine.
        version: as ElastiCache writes it: `9.0`, `7.1`, `5.0.6`, `6.x`.
        family: the family of its parameter groups, for example `valkey9`; empty where only a deployment knows it.
        features: what it can do, for example `tls` or `cluster_mode_compatible`. Of a version that is not known: what
            the newest known version before it can do.
        known: whether the model's data names it.
    """

    engine: Engine
    version: str
    family: str
    features: frozenset[str]
    known: bool

    @classmethod
    def of(cls, engine: Engine | str, version: str) -> EngineVersion:
        """Return a version, also one that came out after this release, or that only a deployment knows.

        Of a token (the value of a CfnParameter, for example) the engine alone is known.

        Raises:
            ValidationError: there is no such engine, or the text is not a version number.
        """
        name = _engine(engine)
        if not isinstance(version, str):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody runs a type checker
            raise ValidationError(
                f"{version!r} is not a version of {name}: give a text such as {latest(name).version!r}"
            )
        fact = _facts_by_version()[name].get(version)
        if fact is not None:
            return cls(name, version, fact["family"], frozenset(fact["features"]), known=True)
        if is_deferred(version):
            return cls(name, version, "", frozenset(), known=False)
        if not _VERSION.fullmatch(version):
            raise ValidationError(
                f"{version!r} is not a version of {name}: give a number such as {latest(name).version!r}"
            )
        return cls(name, version, _family(name, version), _features_before(name, version), known=version == "6.x")

    @property
    def deferred(self) -> bool:
        """Whether only a deployment knows it."""
        return is_deferred(self.version)

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers, for comparisons; none where only a deployment knows it."""
        return () if self.deferred else _number(self.version)

    def supports(self, feature: str) -> bool:
        """Tell whether this version has a feature; a name that no version has is False."""
        return feature in self.features

    def __lt__(self, other: EngineVersion) -> bool:
        return (self.engine, self.number) < (other.engine, other.number)

    def __str__(self) -> str:
        return f"{self.engine} {self.version}"


@cache
def versions(engine: Engine) -> tuple[EngineVersion, ...]:
    """Return the versions that a new cache can run, oldest first."""
    facts = cast("_EngineFacts", load("engines"))["versions"]
    return tuple(sorted(EngineVersion.of(engine, fact["version"]) for fact in facts if fact["engine"] == engine))


def latest(engine: Engine) -> EngineVersion:
    """Return the newest version of an engine."""
    return versions(engine)[-1]


def default_version(engine: Engine) -> EngineVersion:
    """Return the version of a cache whose EngineVersion is omitted: the newest one (no page of AWS says otherwise)."""
    return latest(engine)


def support(engine: Engine | str, version: str) -> str | None:
    """Return how long AWS supports a version, as its pages say it: `supported`, `end of life 2023-01-13`, ...

    A version with a patch number that AWS chose is that of its minor version. None where no page tells.

    Raises:
        ValidationError: there is no such engine.
    """
    known = _facts_by_version()[_engine(engine)]
    fact = known.get(version) or known.get(".".join(version.split(".")[:2]))
    return fact["status"] if fact else None


@cache
def families() -> Mapping[str, Engine]:
    """Return the families of parameter groups, with the engine of each."""
    return {fact["family"]: Engine(fact["engine"]) for fact in cast("_EngineFacts", load("engines"))["families"]}


@cache
def cluster_mode_families() -> frozenset[str]:
    """Return the families that have a default parameter group for cluster mode."""
    return frozenset(
        fact["family"] for fact in cast("_EngineFacts", load("engines"))["families"] if fact["cluster_mode"]
    )


@cache
def _facts_by_version() -> dict[Engine, dict[str, _VersionFact]]:
    facts = cast("_EngineFacts", load("engines"))
    found: dict[Engine, dict[str, _VersionFact]] = {engine: {} for engine in Engine}
    for fact in (*facts["versions"], *facts["past_versions"]):
        found[Engine(fact["engine"])][fact["version"]] = fact
    return found


def _engine(name: Engine | str) -> Engine:
    try:
        return Engine(name)
    except ValueError:
        engines = ", ".join(Engine)
        raise ValidationError(f"{name!r} is not an engine of ElastiCache: take one of {engines}") from None


def _family(engine: Engine, version: str) -> str:
    major, minor = version.split(".")[:2]
    match engine:
        case Engine.VALKEY:
            return f"valkey{major}"
        case Engine.REDIS if int(major) >= _FAMILY_BY_MAJOR:
            return f"redis{major}"
        case Engine.REDIS if int(major) == _REDIS_6:
            return "redis6.x"
        case _:
            return f"{engine}{major}.{minor}"


def _features_before(engine: Engine, version: str) -> frozenset[str]:
    number = _number(version)
    before = [fact for fact in _facts_by_version()[engine].values() if _number(fact["version"]) < number]
    return frozenset(max(before, key=lambda fact: _number(fact["version"]))["features"]) if before else frozenset()


def _number(version: str) -> tuple[int, ...]:
    parts = [_NEWEST if part == "x" else int(part) for part in version.split(".")]
    # 6.2 and 6.2.0 are one number.
    return tuple(parts + [0] * (_PARTS - len(parts)))
