"""Signing in while a password is replaced: a client that connects anew at every moment, at every node."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.errors import ElastiCacheKitError

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.experiment import Limits
    from elasticache_kit.drills.history import Entry
    from elasticache_kit.ops.inventory import Endpoint, ReplicationGroup

INTERVAL_SECONDS = 0.1
# An application reads its secret again less often, and so must be left more time: --hold.
READ_AGAIN_SECONDS = 0.4
_REFUSED = frozenset({"WRONGPASS", "NOAUTH", "NOPERM", "ERR"})


@dataclass(frozen=True, slots=True)
class SignIns:
    """Signs in at every node of a group, ten times a second.

    Args:
        group: the group.
        access: how to get in; it is given the new password as soon as that is read.
        read: reads the password that clients are to sign in with now.
        history: gets an entry for each sign-in.
    """

    group: ReplicationGroup
    access: Access
    read: Callable[[], str]
    history: History
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def going_on(self) -> Generator[None]:
        """Sign in beside whatever the block does, until it ends."""
        thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="sign-ins")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def once(self, password: str) -> None:
        """Sign in once at every node with a password that must not work any more."""
        old = replace(self.access, password=password)

        async def attempt() -> None:
            await asyncio.gather(*(self._one(Action.OLD_SIGN_IN, *node, old) for node in self._nodes()))

        asyncio.run(attempt())

    def _nodes(self) -> Iterable[tuple[str, str, Endpoint]]:
        for node_group in self.group.node_groups:
            for member in node_group.members:
                if member.endpoint is not None:
                    yield node_group.node_group_id, member.cache_cluster_id, member.endpoint

    async def _all(self) -> None:
        await asyncio.gather(self._follow(), *(self._again(*node) for node in self._nodes()))

    async def _follow(self) -> None:
        while not self._over.is_set():
            # Who cannot read the secret goes on with what it has, as an application does.
            with suppress(ElastiCacheKitError):
                self.access.renew(await asyncio.to_thread(self.read))
            await asyncio.sleep(READ_AGAIN_SECONDS)

    async def _again(self, node_group: str, member: str, endpoint: Endpoint) -> None:
        while not self._over.is_set():
            await self._one(Action.SIGN_IN, node_group, member, endpoint, self.access)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def _one(self, action: Action, node_group: str, member: str, endpoint: Endpoint, access: Access) -> None:
        try:
            connection = await Connection.open(endpoint, access)
        except LostError as error:
            self.history.log(action, Kind.FAIL, node_group, member=member, error=error.kind)
            return
        self.history.log(action, Kind.OK, node_group, member=member, node=connection.node)
        await connection.close()


def sign_in(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find whether there was a moment in which what the secret held did not sign in, and whether the old one ended."""
    tried = history.about(Action.SIGN_IN, node_group=node_group)
    refused = [entry for entry in tried if entry.error in _REFUSED]
    old = history.about(Action.OLD_SIGN_IN, node_group=node_group)
    still = sorted({entry.member or "" for entry in old if entry.kind is Kind.OK})
    figures: dict[str, Figure] = {
        "sign_ins": len(tried),
        "refused": len(refused),
        "unanswered": sum(entry.kind is not Kind.OK for entry in tried) - len(refused),
        "longest_without_seconds": _longest(tried),
        "old_still_taken": len(still),
    }
    verdict, sentence = Verdict.PASSED, f"none of {len(tried)} was refused, and the old password has ended"
    if refused:
        verdict = Verdict.FAILED
        nodes = ", ".join(sorted({entry.member or "" for entry in refused}))
        lasted = spoken(refused[-1].at - refused[0].at)
        sentence = f"{len(refused)} of {len(tried)} were refused ({refused[0].error}), over {lasted}, at {nodes}"
    elif still:
        verdict, sentence = Verdict.FAILED, f"the old password still signs in at {', '.join(still)}"
    elif idle := _idle(history, tried):
        verdict, sentence = Verdict.UNKNOWN, f"nobody signed in {idle}"
    elif not old:
        verdict, sentence = Verdict.UNKNOWN, "whether the old password has ended was not tried"
    return Finding(checker="sign-in", node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)


def _longest(tried: Iterable[Entry]) -> float | None:
    """Return the longest time between two sign-ins that succeeded at one node."""
    moments: dict[str | None, list[float]] = {}
    for entry in tried:
        if entry.kind is Kind.OK:
            moments.setdefault(entry.member, []).append(entry.at)
    return max((after - before for each in moments.values() for before, after in pairwise(each)), default=None)


def _idle(history: History, tried: Iterable[Entry]) -> str:
    """Return in which part of the rotation nobody signed in; empty where somebody did in each."""
    calls = [entry.at for entry in history.about(Action.FAULT) if entry.kind is Kind.OK]
    if not calls:
        return "after a change, for none was accepted"
    done = [entry.at for entry in tried if entry.kind is Kind.OK]
    edges = [float("-inf"), *calls, float("inf")]
    names = ["before the first change", *("between two changes" for _ in calls[1:]), "after the last change"]
    parts = zip(names, pairwise(edges), strict=True)
    return next((name for name, (start, end) in parts if not any(start < moment < end for moment in done)), "")
