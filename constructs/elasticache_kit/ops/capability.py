"""What a local ElastiCache says of itself, which tells it from AWS."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from elasticache_kit.ops.resolver import Resolver

CAPABILITY_PATH = "/moto-api/elasticache-kit"
_CAPABILITY_TIMEOUT_SECONDS = 2.0
_AWS_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


@dataclass(frozen=True, slots=True)
class Capability:
    """What a local ElastiCache says of itself; AWS says nothing.

    Args:
        version: the version of elasticache-kit that serves it.
        account: its account id.
        profile: its timing profile (`instant`, `fast`, `aws`).
        ca_file: the certificate authority that its TLS endpoints are signed by; None when it has none.
        resolver: knows the names of its endpoints; None where they are addresses.
        faults: the names of the faults that it can produce beyond the ElastiCache API.
    """

    version: str
    account: str
    profile: str
    ca_file: str | None
    faults: tuple[str, ...]
    resolver: Resolver | None = None


def read_capability(endpoint_url: str) -> Capability | None:
    """Return the capability record behind an endpoint, or None where there is none, which means AWS."""
    host = urlsplit(endpoint_url).hostname or ""
    if host.endswith(_AWS_SUFFIXES):
        return None
    # Without a proxy: a local endpoint is on this machine, and a proxy would look for it on its own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(endpoint_url.rstrip("/") + CAPABILITY_PATH, timeout=_CAPABILITY_TIMEOUT_SECONDS) as response:
            record = json.load(response)
    except (OSError, ValueError):
        return None
    return _capability(cast("Mapping[str, object]", record)) if isinstance(record, dict) else None


def _capability(record: Mapping[str, object]) -> Capability | None:
    if record.get("name") != "elasticache-kit":
        return None
    ca_file, faults = record.get("ca_file"), record.get("faults")
    return Capability(
        version=str(record.get("version", "")),
        account=str(record.get("account", "")),
        profile=str(record.get("profile", "")),
        ca_file=str(ca_file) if ca_file else None,
        resolver=_resolver(record.get("resolver")),
        faults=tuple(str(fault) for fault in cast("list[object]", faults)) if isinstance(faults, list) else (),
    )


def _resolver(given: object) -> Resolver | None:
    match given:
        case {"host": str(host), "port": int(port), "domain": str(domain), "ttl": int(ttl)}:
            return Resolver(host, port, domain, ttl)
        case _:
            return None
