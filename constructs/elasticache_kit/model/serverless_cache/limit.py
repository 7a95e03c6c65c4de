"""Rules of the usage limits of a serverless cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, Unknown, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec, UsageLimitSpec

STORAGE = (1, 5_000)
PROCESSING_UNITS = (1_000, 15_000_000)
_UNIT = "GB"
_NAMES = ("data_storage", "ecpu_per_second")


def unit(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-storage-unit."""
    limit = _limit(spec, "data_storage")
    if limit is not None and known(limit.unit) != _UNIT:
        yield Finding(
            "cache_usage_limits.data_storage.unit", limit.unit, f"storage is counted in {_UNIT}", f"set it to {_UNIT!r}"
        )


def _range(name: str, least: int, most: int, of_what: str) -> Callable[[ServerlessCacheSpec], Iterator[Finding]]:
    """Return the check of one pair of limits."""

    def check(spec: ServerlessCacheSpec) -> Iterator[Finding]:
        limit = _limit(spec, name)
        if limit is None:
            return
        for bound in ("minimum", "maximum"):
            value = getattr(limit, bound)
            if isinstance(value, int) and value != 0 and not least <= value <= most:
                yield Finding(
                    f"cache_usage_limits.{name}.{bound}",
                    value,
                    f"it is {least} to {most} {of_what}",
                    "take a number in this range, or 0 for no limit",
                )
        low, high = known(limit.minimum), known(limit.maximum)
        if low and high and low > high:
            yield Finding(
                f"cache_usage_limits.{name}.minimum",
                low,
                f"it is above the maximum of {high}",
                "take a minimum that is not above the maximum",
            )

    return check


def minimum_costs(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-minimum-costs."""
    for name in _NAMES:
        try:
            limit = _limit(spec, name)
        except UndecidedError:
            continue
        if limit is not None and isinstance(limit.minimum, int) and limit.minimum > 0:
            yield Finding(
                f"cache_usage_limits.{name}.minimum",
                limit.minimum,
                "a minimum is paid for around the clock, also while nothing happens",
                "leave it out, unless the cache must be ready for a rush",
            )


def _limit(spec: ServerlessCacheSpec, name: str) -> UsageLimitSpec | None:
    limits = known(spec.cache_usage_limits)
    if limits is None:
        return None
    limit: UsageLimitSpec | Unknown | None = getattr(limits, name)
    return known(limit)


CHECKS = {
    "sl-storage-unit": unit,
    "sl-storage-range": _range("data_storage", *STORAGE, "GB"),
    "sl-ecpu-range": _range("ecpu_per_second", *PROCESSING_UNITS, "ElastiCache processing units per second"),
    "sl-minimum-costs": minimum_costs,
}
