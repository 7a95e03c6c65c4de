"""The lease protocol in every order of steps: a world without I/O, in which hypothesis chooses who moves next."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.cache.command import Acquire, Command, Delete, Get, Pause, Put, Step, Swap
from elasticache_kit.cache.entry import (
    LEASE,
    NOTHING,
    TOKEN_BYTES,
    UNMARKED,
    VALUE,
    Entry,
    is_lease,
    new_lease,
    parse,
)
from elasticache_kit.cache.lease import Leases
from elasticache_kit.cache.policy import Policy

NAME = "p:1:k"
POLICY = Policy(prefix="p", ttl=60, lease=2, refresh_after=20, jitter=0)
# Who moves next, or what else happens: a lease's time passes, the time to refresh comes, the engine evicts.
READERS, WRITERS, THROUGH, EVENTS = range(3), range(3, 5), range(5, 7), range(7, 10)
MOVES = st.lists(st.integers(min_value=0, max_value=9), max_size=80)

Moves = Generator[Step | None, Any, None]


@dataclass(slots=True)
class World:
    """An engine, a database and an oracle.

    Args:
        version: what the database has.
        finished: the newest version whose write is finished.
        stale: reads that returned less than was finished when they began.
    """

    now: int = 1_000_000
    key: bytes | None = None
    expires_at: int = 0
    version: int = 0
    finished: int = 0
    stale: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    answered: int = 0

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
            case Swap() | Put():
                self._set(command.new, command.milliseconds)
            case Delete():
                self.key = None
        return True

    def _set(self, value: bytes, milliseconds: int | None) -> None:
        self.key = value
        if milliseconds is not None:
            self.expires_at = self.now + milliseconds

    @property
    def leases(self) -> Leases:
        """The protocol, by the clock of this world."""
        return Leases(POLICY, lambda: self.now, lambda: self.now / 1000)

    def entry(self, version: int) -> Entry:
        """Return what a loader fills in."""
        return Entry(VALUE, self.now, POLICY.refresh_time(self.now), UNMARKED, b"%d" % version)

    def judge(self, floor: int, value: int) -> None:
        """Hold what a reader got against what was finished when it began."""
        self.answered += 1
        if value < floor:
            self.stale.append((floor, value))


def reading(world: World) -> Moves:
    """Read again and again, as LeasedCache does."""
    while True:
        floor = world.finished
        raw = yield Get(NAME)
        found = yield from world.leases.take(NAME, raw)
        if found.entry is not None and found.held is None:
            world.judge(floor, int(found.entry.payload))
            continue
        yield None
        version = world.version
        if found.held is not None:
            yield from world.leases.fill(NAME, found.held, world.entry(version))
        world.judge(floor, version)


def naively_reading(world: World) -> Moves:
    """Read as caches usually do."""
    while True:
        floor = world.finished
        raw = yield Get(NAME)
        entry = None if raw is None else parse(raw)
        if entry is not None:
            world.judge(floor, int(entry.payload))
            continue
        yield None
        version = world.version
        yield Put(NAME, world.entry(version).encoded, 60_000)
        world.judge(floor, version)


def writing(world: World) -> Moves:
    """Commit, then delete."""
    while True:
        yield None
        world.version += 1
        version = world.version
        yield Delete(NAME)
        world.finished = max(world.finished, version)


def writing_through(world: World) -> Moves:
    """Take the lease, commit, put the new value in."""
    while True:
        held = yield from world.leases.seize(NAME)
        yield None
        world.version += 1
        version = world.version
        yield None
        yield from world.leases.settle(NAME, held, world.entry(version))
        world.finished = max(world.finished, version)


def naively_writing_through(world: World) -> Moves:
    """Commit, then set."""
    while True:
        yield None
        world.version += 1
        version = world.version
        yield Put(NAME, world.entry(version).encoded, 60_000)
        world.finished = max(world.finished, version)


def play(moves: list[int], reader: Any, through: Any) -> World:
    """Let everybody move in this order."""
    world = World()
    actors = [*(reader(world) for _ in READERS), *(writing(world) for _ in WRITERS), *(through(world) for _ in THROUGH)]
    steps = [next(actor) for actor in actors]
    for move in moves:
        if move in EVENTS:
            if move == EVENTS[2]:
                world.key = None
            world.now += (POLICY.lease_milliseconds, 20_000, 0)[move - EVENTS[0]]
            continue
        step, answer = steps[move], None
        if isinstance(step, Pause):
            world.now += 50
        elif step is not None:
            answer = world.do(step)
        steps[move] = actors[move].send(answer)
    return world


@settings(max_examples=200, deadline=None)
@given(MOVES)
def test_no_order_of_steps_returns_what_was_invalidated(moves: list[int]) -> None:
    """Readers, writers that delete and that write through, leases that run out, keys that are evicted."""
    assert play(moves, reading, writing_through).stale == []


@pytest.mark.prove
@settings(max_examples=10_000, deadline=None)
@given(MOVES)
def test_no_order_of_many_does_either(moves: list[int]) -> None:
    """The same with very many orders."""
    assert play(moves, reading, writing_through).stale == []


@pytest.mark.parametrize(
    ("reader", "through"), [(naively_reading, writing_through), (reading, naively_writing_through)]
)
def test_the_search_finds_what_is_wrong_with_others(reader: Any, through: Any) -> None:
    """The negative control: delete after commit without a lease, and set after commit, are caught."""
    orders = [random.Random(seed).choices(range(10), k=80) for seed in range(200)]  # noqa: S311 - only to choose
    wrong = [moves for moves in orders if play(moves, reader, through).stale]
    assert wrong
    assert not any(play(moves, reading, writing_through).stale for moves in wrong)


def test_readers_get_answers() -> None:
    """The world does not stand still: with everybody moving in turn, reads end."""
    assert play(list(range(7)) * 30, reading, writing_through).answered > 5


@given(st.binary(max_size=80))
def test_whatever_stands_in_a_key_is_one_thing(raw: bytes) -> None:
    """Nothing is a lease and an entry at once, and a lease is never a value."""
    assert not (is_lease(raw) and parse(raw) is not None)


@given(st.sampled_from([VALUE, NOTHING]), st.integers(0, 2**63), st.integers(0, 2**63), st.binary(max_size=40))
def test_an_entry_is_read_as_it_was_written(kind: bytes, created_at: int, refresh_at: int, payload: bytes) -> None:
    """All of it, marked or not."""
    entry = Entry(kind, created_at, refresh_at, UNMARKED, payload)
    assert parse(entry.encoded) == entry
    marked = entry.marked(7)
    assert parse(marked.encoded) == marked
    assert marked.mark != UNMARKED
    assert marked.payload == payload


def test_leases_differ() -> None:
    """Nobody takes another one's for his own."""
    assert len({new_lease() for _ in range(100)}) == 100
    assert all(is_lease(new_lease()) for _ in range(10))
    assert not is_lease(LEASE + b"x" * (TOKEN_BYTES + 1))


def test_a_repeated_acquire_is_recognized() -> None:
    """A client that lost the answer asks again, finds its own lease, and has it."""
    world = World()
    steps = world.leases.take(NAME, None)
    acquire = next(steps)
    assert isinstance(acquire, Acquire)
    assert world.do(acquire) is None
    with pytest.raises(StopIteration) as done:
        steps.send(world.do(acquire))
    assert done.value.value.held == acquire.lease
