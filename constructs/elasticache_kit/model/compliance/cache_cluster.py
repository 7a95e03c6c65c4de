"""What a Memcached cluster should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.compliance.resource import Check, Resource


def _multi_az(cluster: Resource) -> Iterator[tuple[str, str]]:
    if _is_memcached(cluster) and known(cluster.get("AZMode")) != "cross-az":
        yield "Properties.AZMode", "all nodes are in one zone, and all keys are gone with it"


def _tls(cluster: Resource) -> Iterator[tuple[str, str]]:
    if _is_memcached(cluster) and not cluster.is_on("TransitEncryptionEnabled"):
        yield "Properties.TransitEncryptionEnabled", "keys and values go over the network as they are"


def _is_memcached(cluster: Resource) -> bool:
    return known(cluster.get("Engine")) == "memcached"


CHECKS: dict[str, Check] = {"memcached-multi-az": _multi_az, "memcached-tls": _tls}
