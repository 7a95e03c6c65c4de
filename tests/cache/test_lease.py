"""The lease protocol in every order of steps: a world without I/O, in which hypothesis chooses who moves next."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.cache.command import Acquire, Swap
from elasticache_kit.cache.entry import LEASE, NOTHING, TOKEN_BYTES, UNMARKED, VALUE, Entry, is_lease, new_lease, parse
from tests.cache.lease_world import (
    BRIEF,
    EVICTION,
    FAILOVER,
    MOMENT,
    NAME,
    READERS,
    REPLICATION,
    THROUGH,
    WRITERS,
    World,
    naively_reading,
    naively_writing_through,
    play,
    reading,
    writing_through,
)

# Any order, and those in which a group fails over while not everything is invalidated at once.
MOVES = st.lists(st.integers(min_value=0, max_value=EVICTION), max_size=80)
FAILING = [*READERS] * 3 + [WRITERS[0], THROUGH[0], MOMENT, REPLICATION, FAILOVER]
FAILING_MOVES = st.lists(st.sampled_from(FAILING), max_size=200)


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
    orders = [random.Random(seed).choices(range(EVICTION + 1), k=80) for seed in range(200)]  # noqa: S311 - only to choose
    wrong = [moves for moves in orders if play(moves, reader, through).stale]
    assert wrong
    assert not any(play(moves, reading, writing_through).stale for moves in wrong)


@settings(max_examples=200, deadline=None)
@given(FAILING_MOVES)
def test_what_a_failover_loses_is_gone_with_the_ttl(moves: list[int]) -> None:
    """Whatever the replica had when it took over, leases and entries: nothing older is returned."""
    assert play(moves, reading, writing_through, BRIEF).longest <= BRIEF.ttl * 1000


@pytest.mark.prove
@settings(max_examples=10_000, deadline=None)
@given(FAILING_MOVES)
def test_what_a_failover_loses_in_many_orders_is_too(moves: list[int]) -> None:
    """The same with very many orders."""
    assert play(moves, reading, writing_through, BRIEF).longest <= BRIEF.ttl * 1000


def test_the_search_finds_what_a_failover_loses() -> None:
    """The negative control: some of those orders return what was invalidated, or the limit says nothing."""
    orders = [random.Random(seed).choices(FAILING, k=200) for seed in range(100)]  # noqa: S311 - only to choose
    assert any(play(moves, reading, writing_through, BRIEF).stale for moves in orders)


def test_a_lease_that_comes_back_makes_nothing_live_longer() -> None:
    """A reader has a lease and has loaded, a writer invalidates, a failover brings the lease back, and it is filled.

    Where the life of an entry counted from its fill, it would be read for longer than the TTL.
    """
    lost = [*[READERS[0]] * 3, REPLICATION, *[WRITERS[0]] * 2, FAILOVER]
    filled = [MOMENT, MOMENT, READERS[0], MOMENT, MOMENT, READERS[0], READERS[0]]
    late = partial(reading, from_the_fill=True)
    limit = BRIEF.ttl * 1000
    assert play(lost + filled, late, writing_through, BRIEF).longest > limit
    assert play(lost + filled, reading, writing_through, BRIEF).longest <= limit


def test_the_life_of_an_entry_begins_with_its_loader() -> None:
    """What took a while to load lives for that much less, and what took all of its time is not put in."""
    world = World(BRIEF)
    held = new_lease()
    fill = next(world.leases.fill(NAME, held, world.entry(1, world.now - 500)))
    assert isinstance(fill, Swap)
    assert fill.milliseconds == 1_500
    back = next(world.leases.fill(NAME, held, world.entry(1, world.now - 2_000)))
    assert isinstance(back, Swap)
    assert (back.new, back.milliseconds) == (held, 1)


def test_readers_get_answers() -> None:
    """The world does not stand still: with everybody moving in turn, reads end."""
    assert play(list(range(7)) * 50, reading, writing_through).answered > 5


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
