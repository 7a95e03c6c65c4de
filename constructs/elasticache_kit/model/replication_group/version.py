"""Rules of the engine and its version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model.engine import Engine, latest, versions
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_FORMATS = {
    Engine.VALKEY: re.compile(r"\d+\.\d+"),
    Engine.REDIS: re.compile(r"[2-5]\.\d+\.\d+|6\.x|(?:[6-9]|\d{2,})\.\d+"),
}


def engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-engine."""
    name = known(spec.engine)
    if name is not None and name not in effective.REPLICATED_ENGINES:
        yield Finding(
            "engine", name, "a replication group runs valkey or redis", "take engine='valkey', or 'redis' for Redis OSS"
        )


def version_format(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-engine-version-format."""
    name, text = effective.engine(spec), known(spec.engine_version)
    if text is None or _FORMATS[name].fullmatch(text):
        return
    short = re.match(r"\d+\.\d+", text)
    remedy = f"take engine_version={short[0]!r}" if short and _FORMATS[name].fullmatch(short[0]) else _offer(name)
    form = "major.minor" if name is Engine.VALKEY else "major.minor from 6 on, major.minor.patch before"
    yield Finding("engine_version", text, f"a version of {name} is written {form}", remedy)


def version_exists(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-engine-version-exists."""
    version = effective.version(spec)
    newest = latest(version.engine)
    if version.engine is Engine.REDIS and version.number > newest.number and version.version != "6.x":
        yield Finding(
            "engine_version",
            version.version,
            f"ElastiCache ends Redis OSS with {newest.version}",
            f"take engine_version={newest.version!r}, or engine='valkey' with {latest(Engine.VALKEY).version!r}",
        )


def version_known(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-engine-version-known."""
    version = effective.version(spec)
    if not _FORMATS[version.engine].fullmatch(version.version) or next(version_exists(spec), None):
        return
    if version not in versions(version.engine) and version.version != "6.x":
        yield Finding(
            "engine_version",
            version.version,
            f"{version} is not known to be offered for new caches",
            f"{_offer(version.engine)}, or go on if AWS offers it by now",
        )


def auto_minor(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-auto-minor."""
    version = effective.version(spec)
    if known(spec.auto_minor_version_upgrade) and not version.supports("auto_minor_upgrade"):
        yield Finding(
            "auto_minor_version_upgrade",
            True,
            f"it has no effect on {version}: it works from valkey 7.2 and redis 6.0 on",
            "leave it out, or take a newer engine_version",
        )


def _offer(name: Engine) -> str:
    return f"take one of {', '.join(repr(item.version) for item in versions(name))}"


CHECKS = {
    "rg-engine": engine,
    "rg-engine-version-format": version_format,
    "rg-engine-version-exists": version_exists,
    "rg-engine-version-known": version_known,
    "rg-auto-minor": auto_minor,
}
