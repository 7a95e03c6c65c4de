"""What a serverless cache should have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from elasticache_kit.model.compliance.resource import literal
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.compliance.resource import Check, Resource


def _sign_in(cache: Resource) -> Iterator[tuple[str, str]]:
    # Memcached has no users.
    if known(cache.get("Engine")) != "memcached" and not cache.properties.get("UserGroupId"):
        yield "Properties.UserGroupId", "whoever reaches the endpoint may do everything with it"


def _backup(cache: Resource) -> Iterator[tuple[str, str]]:
    if cache.number("SnapshotRetentionLimit") == 0:
        yield "Properties.SnapshotRetentionLimit", "no daily snapshot is taken, and what is lost is lost"


def _limit(cache: Resource) -> Iterator[tuple[str, str]]:
    limits = known(cache.get("CacheUsageLimits"))
    given: Mapping[str, object] = cast("Mapping[str, object]", limits) if isinstance(limits, Mapping) else {}
    for name in ("DataStorage", "ECPUPerSecond"):
        limit = known(literal(given.get(name)))
        if not isinstance(limit, Mapping) or "Maximum" not in limit:
            yield f"Properties.CacheUsageLimits.{name}", f"{name} has no maximum, and neither has the bill"


CHECKS: dict[str, Check] = {
    "serverless-sign-in": _sign_in,
    "serverless-backup": _backup,
    "serverless-limit": _limit,
}
