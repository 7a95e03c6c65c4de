"""Rules of encryption in transit and at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.engine import Engine
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_MODES = ("preferred", "required")
_FIRST_VERSIONS = "valkey 7.2, redis 3.2.6 or redis from 4.0.10 on"


def valkey_explicit(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-valkey-tls-explicit."""
    if known(spec.transit_encryption_enabled) is None and effective.engine(spec) is Engine.VALKEY:
        yield Finding(
            "transit_encryption_enabled",
            None,
            "for valkey it must be said whether clients speak TLS",
            "set transit_encryption_enabled=True, or False where plain text will do",
        )


def transit_versions(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tls-versions."""
    if effective.transit_encryption(spec) and not (version := effective.version(spec)).supports("tls"):
        yield Finding(
            "transit_encryption_enabled",
            True,
            f"TLS needs {_FIRST_VERSIONS}, not {version}",
            "take a newer engine_version",
        )


def transit_subnet_group(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tls-subnet-group."""
    if effective.transit_encryption(spec) and known(spec.cache_subnet_group_name) is None:
        yield Finding(
            "cache_subnet_group_name",
            None,
            "TLS needs a subnet group",
            "name one in cache_subnet_group_name",
        )


def mode_values(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tls-mode-values."""
    mode = known(spec.transit_encryption_mode)
    if mode is not None and mode not in _MODES:
        yield Finding("transit_encryption_mode", mode, f"it is one of {', '.join(_MODES)}", "take one of them")


def mode_needs_tls(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tls-mode-needs-tls."""
    mode = known(spec.transit_encryption_mode)
    if mode is not None and not effective.transit_encryption(spec):
        yield Finding(
            "transit_encryption_mode",
            mode,
            "a mode of TLS needs TLS",
            "set transit_encryption_enabled=True, or leave the mode out",
        )


def at_rest_versions(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-atrest-versions."""
    if effective.at_rest_encryption(spec) and not (version := effective.version(spec)).supports("at_rest"):
        yield Finding(
            "at_rest_encryption_enabled",
            spec.at_rest_encryption_enabled,
            f"encryption at rest needs {_FIRST_VERSIONS}, not {version}",
            "take a newer engine_version",
        )


def at_rest_node_families(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-atrest-node-families."""
    # Asked for by name only: no page says what becomes of valkey's default on such a node.
    if known(spec.at_rest_encryption_enabled) is not True:
        return
    node_type = effective.node_type(spec)
    if node_type.known and not node_type.supports("at_rest_encryption"):
        yield Finding(
            "cache_node_type",
            node_type.name,
            "it has no encryption at rest",
            "take a newer node type, for example cache.t4g.small, or at_rest_encryption_enabled=False",
        )


def key_needs_at_rest(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-kms-needs-atrest."""
    key = known(spec.kms_key_id)
    if key is not None and not effective.at_rest_encryption(spec):
        given = known(spec.at_rest_encryption_enabled)
        why = "off for redis where it is not given" if given is None else "off"
        yield Finding(
            "kms_key_id",
            key,
            f"the key has no effect: encryption at rest is {why}",
            "set at_rest_encryption_enabled=True, or leave the key out",
        )


CHECKS = {
    "rg-valkey-tls-explicit": valkey_explicit,
    "rg-tls-versions": transit_versions,
    "rg-tls-subnet-group": transit_subnet_group,
    "rg-tls-mode-values": mode_values,
    "rg-tls-mode-needs-tls": mode_needs_tls,
    "rg-atrest-versions": at_rest_versions,
    "rg-atrest-node-families": at_rest_node_families,
    "rg-kms-needs-atrest": key_needs_at_rest,
}
