"""Policy: how long entries stay, and how readers behave while one is loaded."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from elasticache_kit.errors import ValidationError

MILLISECONDS = 1000
SHORTEST = 1 / MILLISECONDS
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a cache of a database behaves. All times are seconds.

    Args:
        prefix: what its keys begin with, so that two applications can share a cache.
        schema: the version of what is stored; raise it when values change their shape, and old ones are not read.
            Default: 1.
        ttl: after so long an entry is gone; the bound on how old it can be when an invalidation was lost. Default: 300.
        jitter: the share of `ttl` and `refresh_after` that is left off at random, so that entries which were filled
            together do not go together. Default: 0.1.
        refresh_after: after so long one reader loads it anew while the others still read it, and the old one is kept
            where that fails. Default: None, never.
        negative_ttl: how long it is remembered that there is nothing (the loader returned None). None: not at all.
            Default: 30.
        lease: how long a loader has; one that takes longer gives its value to its caller and not to the cache.
            Default: 2.
        wait: how long a reader waits for what another one loads, before it loads by itself. Default: as `lease`.
        largest_value: the largest value in bytes. Default: 1 MiB.
        fallback_limit: how many loads at a time go past the cache while it is down, so that the database survives it;
            further readers wait their turn. Default: 20.

    Raises:
        ValidationError: with all that is wrong.
    """

    prefix: str
    schema: int = 1
    ttl: float = 300.0
    jitter: float = 0.1
    refresh_after: float | None = None
    negative_ttl: float | None = 30.0
    lease: float = 2.0
    wait: float | None = None
    largest_value: int = 1024 * 1024
    fallback_limit: int = 20

    _stem: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        problems = [f"{name} = {getattr(self, name)!r}: {allowed}" for name, good, allowed in self._rules() if not good]
        if problems:
            raise ValidationError("\n".join(["This policy cannot be kept:", *(f"  {item}" for item in problems)]))
        object.__setattr__(self, "_stem", f"{self.prefix}:{self.schema}:")

    def _rules(self) -> list[tuple[str, bool, str]]:
        positive = [
            name for name in ("ttl", "lease", "refresh_after", "negative_ttl") if getattr(self, name) is not None
        ]
        return [
            ("prefix", _NAME.fullmatch(self.prefix) is not None, "letters, digits, underscores, dots and hyphens"),
            *((name, getattr(self, name) >= SHORTEST, "at least a millisecond") for name in positive),
            ("jitter", 0 <= self.jitter < 1, "from 0 to less than 1"),
            (
                "refresh_after",
                self.refresh_after is None or self.refresh_after < self.ttl,
                f"less than ttl, {self.ttl}",
            ),
            ("wait", self.wait is None or self.wait >= 0, "0 or more"),
            ("largest_value", self.largest_value > 0, "at least 1"),
            ("fallback_limit", self.fallback_limit > 0, "at least 1"),
        ]

    @property
    def lease_milliseconds(self) -> int:
        """How long a lease holds."""
        return round(self.lease * MILLISECONDS)

    def name(self, key: str) -> str:
        """Return the name that a key has in the cache.

        Raises:
            ValidationError: it is no text, is empty or has a control character.
        """
        # The first questions are quicker, and answer nearly always.
        try:
            if key and key.isprintable():
                return self._stem + key
        except AttributeError:
            raise ValidationError(f"{key!r} is no key of a cache: give a text, such as 'order:{key}'") from None
        if not key or _CONTROL.search(key):
            raise ValidationError(
                f"{key!r} is no key of a cache: it must not be empty and must hold no control character"
            )
        return self._stem + key

    def lifetime(self, *, nothing: bool) -> int | None:
        """Return how many milliseconds a new entry lives; None where it is not to be kept."""
        seconds = self.negative_ttl if nothing else self.ttl
        return None if seconds is None else max(1, round(self._shortened(seconds) * MILLISECONDS))

    def refresh_time(self, now: int) -> int:
        """Return when an entry that is made now is to be refreshed, 0 for never."""
        if self.refresh_after is None:
            return 0
        return now + max(1, round(self._shortened(self.refresh_after) * MILLISECONDS))

    def _shortened(self, seconds: float) -> float:
        return seconds * (1 - self.jitter * random.random())  # noqa: S311 - nobody gains from guessing it
