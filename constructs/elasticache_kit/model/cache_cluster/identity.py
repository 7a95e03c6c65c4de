"""Rules of the name, the engine, its version and the parameter group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.cache_cluster import effective
from elasticache_kit.model.engine import Engine, families, latest, versions
from elasticache_kit.model.identifier import fold
from elasticache_kit.model.parameter.family import default_group_family, default_parameter_group
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec

_THREE_PARTS = re.compile(r"\d+\.\d+\.\d+")


def required(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-required."""
    for name in ("cache_node_type", "num_cache_nodes", "engine"):
        if getattr(spec, name) is None:
            yield Finding(name, None, "every cache cluster has it", f"give {name}")


def cluster_name(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-name."""
    name = known(spec.cluster_name)
    for problem in identifier.cache_cluster_id(name) if name is not None else ():
        yield Finding("cluster_name", name, f"the name {problem}", identifier.REMEDY)


def engine(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-engine."""
    name = known(spec.engine)
    if name is not None and name not in effective.ENGINES:
        yield Finding(
            "engine", name, "a cache cluster runs memcached or redis", "for valkey make a replication group of 1 node"
        )


def version_format(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-version-format."""
    text = known(spec.engine_version)
    if text is not None and effective.engine(spec) is Engine.MEMCACHED and not _THREE_PARTS.fullmatch(text):
        yield Finding(
            "engine_version",
            text,
            "a version of memcached is written major.minor.patch",
            f"take {latest(Engine.MEMCACHED).version!r}",
        )


def version_known(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-versions."""
    version = effective.version(spec)
    if version.engine is Engine.MEMCACHED and not _THREE_PARTS.fullmatch(version.version):
        return
    offered = versions(version.engine)
    if version.version not in {item.version for item in offered} and not version.version.endswith(".x"):
        yield Finding(
            "engine_version",
            version.version,
            f"this version of {version.engine} is not known to be offered",
            f"take {offered[-1].version!r}, or go on if AWS offers it by now",
        )


def parameter_group_family(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-family-match."""
    name, family = known(spec.cache_parameter_group_name), known(spec.parameter_group_family)
    if name is None:
        return
    version = effective.version(spec)
    family = family or default_group_family(name)
    if family is None or family == version.family:
        return
    if known(spec.engine_version) is None and families().get(family) is version.engine:
        # Which version AWS takes then is not written anywhere.
        return
    yield Finding(
        "cache_parameter_group_name",
        name,
        f"it is of the family {family}, and {version} needs {version.family}",
        f"take {default_parameter_group(version.family, cluster_mode=False)}, or one of your own of this family",
        f"Expected a parameter group of family {version.family} but found one of family {family}",
    )


def cluster_mode(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-cme-parameter-group."""
    name, enabled = known(spec.cache_parameter_group_name), known(spec.parameter_group_cluster_enabled)
    if name is not None and (enabled or (enabled is None and fold(name).endswith(".cluster.on"))):
        yield Finding(
            "cache_parameter_group_name",
            name,
            "it turns cluster mode on, which a cache cluster does not have",
            "take another one, or make a replication group",
        )


CHECKS = {
    "mc-required": required,
    "mc-name": cluster_name,
    "mc-engine": engine,
    "mc-version-format": version_format,
    "mc-versions": version_known,
    "mc-family-match": parameter_group_family,
    "mc-cme-parameter-group": cluster_mode,
}
