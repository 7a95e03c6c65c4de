"""A world without I/O for the lease protocol: an engine with a replica, a database, an oracle, and who moves in it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from elasticache_kit.cache.command import Acquire, Command, Delete, Get, Pause, Put, Step, Swap
from elasticache_kit.cache.entry import UNMARKED, VALUE, Entry, parse
from elasticache_kit.cache.lease import Leases
from elasticache_kit.cache.policy import Policy

NAME = "p:1:k"
POLICY = Policy(prefix="p", ttl=60, lease=2, refresh_after=20, jitter=0)
# Entries of a few seconds, which end while there are still moves.
BRIEF = Policy(prefix="p", ttl=2, lease=5, jitter=0)
# Who moves next, or what else happens: a lease's time passes, the time to refresh comes, the engine evicts. And in a
# group that fails over: a moment passes, the replica gets what the primary has, the replica takes over.
READERS, WRITERS, THROUGH, EVENTS = range(3), range(3, 5), range(5, 7), range(7, 13)
LEASE_ENDS, REFRESH_COMES, EVICTION, MOMENT, REPLICATION, FAILOVER = EVENTS
PASSES = {LEASE_ENDS: 2_000, REFRESH_COMES: 20_000, MOMENT: 700}

Moves = Generator[Step | None, Any, None]


@dataclass(slots=True)
class World:
    """An engine, a database and an oracle.

    Args:
        policy: of the cache.
        version: what the database has.
        finished: the newest version whose write is finished.
        stale: reads that returned less than was finished when they began.
        longest: how long what they returned had been outdated, at most, in milliseconds.
        replica: what the replica has, and until when.
    """

    policy: Policy = POLICY
    now: int = 1_000_000
    key: bytes | None = None
    expires_at: int = 0
    version: int = 0
    finished: int = 0
    stale: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    answered: int = 0
    longest: int = 0
    replica: tuple[bytes | None, int] = (None, 0)
    finished_at: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def do(self, command: Command) -> Any:
        """Do what the engine does."""
        if self.key is not None and self.now >= self.expires_at:
            self.key = None
        match command:
            case Get():
                return self.key
            case Acquire():
                found = self.key
                if found is None:
                    self._set(command.lease, command.milliseconds)
                return found
            case Swap() if self.key != command.old:
                return False
            case Swap() if command.keeps:
                self.key = command.new
            case Swap() | Put():
                self._set(command.new, command.milliseconds)
            case Delete():
                self.key = None
        return True

    def _set(self, value: bytes, milliseconds: int) -> None:
        self.key, self.expires_at = value, self.now + milliseconds

    @property
    def leases(self) -> Leases:
        """The protocol, by the clock of this world."""
        return Leases(self.policy, lambda: self.now, lambda: self.now / 1000)

    def entry(self, version: int, begun: int) -> Entry:
        """Return what a loader fills in that has begun at a time."""
        return Entry(VALUE, begun, self.policy.refresh_time(begun), UNMARKED, b"%d" % version)

    def finish(self, version: int) -> None:
        """Note that a write is finished."""
        self.finished = max(self.finished, version)
        self.finished_at.append((version, self.now))

    def judge(self, begin: int, floor: int, value: int) -> None:
        """Hold what a reader got against what was finished when it began."""
        self.answered += 1
        if value < floor:
            self.stale.append((floor, value))
            self.longest = max(self.longest, begin - min(at for version, at in self.finished_at if version > value))

    def happens(self, event: int) -> None:
        """Let something happen that nobody does."""
        self.now += PASSES.get(event, 0)
        if event == EVICTION:
            self.key = None
        elif event == REPLICATION:
            self.replica = self.key, self.expires_at
        elif event == FAILOVER:
            self.key, self.expires_at = self.replica


def reading(world: World, *, from_the_fill: bool = False) -> Moves:
    """Read again and again, as LeasedCache does; or as one that counts the life of an entry from its fill."""
    while True:
        begin, floor = world.now, world.finished
        raw = yield Get(NAME)
        found = yield from world.leases.take(NAME, raw)
        if found.entry is not None and found.held is None:
            world.judge(begin, floor, int(found.entry.payload))
            continue
        begun = world.now
        yield None
        version = world.version
        yield None
        if found.held is not None:
            entry = world.entry(version, world.now if from_the_fill else begun)
            yield from world.leases.fill(NAME, found.held, entry)
        world.judge(begin, floor, version)


def naively_reading(world: World) -> Moves:
    """Read as caches usually do."""
    while True:
        begin, floor = world.now, world.finished
        raw = yield Get(NAME)
        entry = None if raw is None else parse(raw)
        if entry is not None:
            world.judge(begin, floor, int(entry.payload))
            continue
        yield None
        version = world.version
        yield Put(NAME, world.entry(version, world.now).encoded, 60_000)
        world.judge(begin, floor, version)


def writing(world: World) -> Moves:
    """Commit, then delete."""
    while True:
        yield None
        world.version += 1
        version = world.version
        yield Delete(NAME)
        world.finish(version)


def writing_through(world: World) -> Moves:
    """Take the lease, commit, put the new value in."""
    while True:
        held = yield from world.leases.seize(NAME)
        begun = world.now
        yield None
        world.version += 1
        version = world.version
        yield None
        yield from world.leases.settle(NAME, held, world.entry(version, begun))
        world.finish(version)


def naively_writing_through(world: World) -> Moves:
    """Commit, then set."""
    while True:
        yield None
        world.version += 1
        version = world.version
        yield Put(NAME, world.entry(version, world.now).encoded, 60_000)
        world.finish(version)


def play(moves: list[int], reader: Any, through: Any, policy: Policy = POLICY) -> World:
    """Let everybody move in this order."""
    world = World(policy)
    # Where entries are brief a fill arrives as soon as it is sent: its way would count, see `Leases.fill`.
    prompt = policy is BRIEF
    actors = [*(reader(world) for _ in READERS), *(writing(world) for _ in WRITERS), *(through(world) for _ in THROUGH)]
    steps = [next(actor) for actor in actors]
    for move in moves:
        if move in EVENTS:
            world.happens(move)
            continue
        step, answer = steps[move], None
        if isinstance(step, Pause):
            world.now += 50
        elif step is not None:
            answer = world.do(step)
        steps[move] = actors[move].send(answer)
        while prompt and isinstance(sent := steps[move], Swap):
            steps[move] = actors[move].send(world.do(sent))
    return world
