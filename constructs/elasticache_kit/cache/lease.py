"""The lease protocol, as steps without I/O: who may fill a key, and until when.

    GET k -> nothing -> SET k <lease> NX GET PX 2000 -> load -> SET k <value> IFEQ <lease> PX ttl

A writer deletes the key after its commit, which voids every lease: whoever loaded before the commit cannot fill. A
lease that ran out, was evicted or was lost fences the fill in the same way. So a read that starts after a write and its
invalidation have finished never returns what was there before. The idea is from "Scaling Memcache at Facebook" (NSDI
2013); https://valkey.io/commands/set/ has IFEQ.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.command import Acquire, Delete, Get, Pause, Put, Step, Swap
from elasticache_kit.cache.entry import LEASE, NOTHING, Entry, is_lease, new_lease, parse
from elasticache_kit.cache.policy import MILLISECONDS

if TYPE_CHECKING:
    from elasticache_kit.cache.policy import Policy

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.002, 0.025, 1.3

Steps = Generator[Step, Any, "Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found.

    Args:
        entry: a current entry. None where there is none.
        held: what stands in the key for us and is replaced by what we load. None where we may not fill.
        waited: whether another one was loading.
    """

    entry: Entry | None = None
    held: bytes | None = None
    waited: bool = False


# Where nobody looked.
UNKNOWN = Found()


@dataclass(frozen=True, slots=True)
class Leases:
    """Takes leases and fills.

    Args:
        policy: times and limits.
        now: milliseconds of Unix time.
        clock: seconds that only grow.
    """

    policy: Policy
    now: Callable[[], int]
    clock: Callable[[], float]

    def take(self, name: str, raw: bytes | None, *, wait: bool = True, expired: bool = False) -> Steps:
        """Find a current entry, or the right to make one.

        Args:
            name: the key.
            raw: what was read there.
            wait: whether to wait for what another one loads.
            expired: whether an entry is to be loaded anew whatever it says itself.
        """
        deadline = self.clock() + (self.policy.lease if self.policy.wait is None else self.policy.wait)
        pause, waited = FIRST_PAUSE, False
        while True:
            if raw is None:
                lease = new_lease()
                raw = yield Acquire(name, lease, self.policy.lease_milliseconds)
                # Our own is there already where a client lost the answer and asked again.
                if raw is None or raw == lease:
                    return Found(held=lease, waited=waited)
            elif is_lease(raw):
                waited = True
                if not wait or self.clock() >= deadline:
                    return Found(waited=True)
                yield Pause(pause * random.uniform(0.5, 1))  # noqa: S311 - nobody gains from guessing it
                pause = min(pause * GROWTH, LONGEST_PAUSE)
                raw = yield Get(name)
            elif (entry := parse(raw)) is None:
                lease = new_lease()
                if (yield Swap(name, raw, lease, self.policy.lease_milliseconds)):
                    return Found(held=lease, waited=waited)
                raw = yield Get(name)
            else:
                found = yield from self._refresh(name, raw, entry, expired=expired)
                return replace(found, waited=waited)

    def _refresh(self, name: str, raw: bytes, entry: Entry, *, expired: bool) -> Steps:
        now = self.now()
        if entry.is_being_refreshed(now) or not (expired or entry.is_due(now)):
            return Found(entry)
        marked = entry.marked(now + self.policy.lease_milliseconds).encoded
        # Where this fails a writer or another reader was quicker, after our read: what we have read is still an answer.
        left = max(1, entry.created_at + round(self.policy.ttl * MILLISECONDS) - now)
        return Found(entry, held=marked if (yield Swap(name, raw, marked, left, keeps=True)) else None)

    def fill(self, name: str, held: bytes, entry: Entry) -> Generator[Step, Any, bool]:
        """Put in what was loaded, and say whether the right to do so still held."""
        lifetime = self.policy.lifetime(nothing=entry.kind == NOTHING)
        if lifetime is None:
            yield from self.give_back(name, held)
            return True
        # Its life began with its loader: where a failover loses the invalidation that should have fenced this, what is
        # put in is gone by the time that the TTL promises.
        left = lifetime - max(0, self.now() - entry.created_at)
        if left <= 0:
            yield from self.give_back(name, held)
            return False
        return bool((yield Swap(name, held, entry.encoded, left)))

    def give_back(self, name: str, held: bytes) -> Generator[Step, Any, None]:
        """Let the next reader load at once, because we could not.

        A mark on an entry stays: others go on to read it, and nobody bothers the database until the mark runs out.
        """
        if held[:1] == LEASE:
            yield Swap(name, held, held, 1)

    def seize(self, name: str) -> Generator[Step, Any, bytes]:
        """Take a lease away from whoever has it: what is there is about to be written to the database."""
        lease = new_lease()
        yield Put(name, lease, self.policy.lease_milliseconds)
        return lease

    def settle(self, name: str, held: bytes, entry: Entry | None) -> Generator[Step, Any, bool]:
        """Put in what was committed; where the lease is gone, or there is nothing to put in, remove what is there."""
        if entry is not None and (yield from self.fill(name, held, entry)):
            return True
        yield Delete(name)
        return False
