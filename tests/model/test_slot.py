"""Slots: keys to slots, slots to shards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.slot import SLOTS, even_ranges, key_slot, parse_ranges


@pytest.mark.parametrize(
    ("key", "slot"),
    # The check value of CRC16/XMODEM, and answers of CLUSTER KEYSLOT.
    [("123456789", 12739), ("foo", 12182), ("bar", 5061), ("hello", 866), ("", 0), (b"\x00", 0)],
)
def test_a_key_has_the_slot_that_the_engine_gives_it(key: str | bytes, slot: int) -> None:
    """The mapping is the one of the cluster specification."""
    assert key_slot(key) == slot


@pytest.mark.parametrize(
    ("key", "same_as"),
    [
        ("{user1000}.following", "user1000"),
        ("foo{bar}{zap}", "bar"),
        ("foo{{bar}}zap", "{bar"),
        ("}{bar}", "bar"),
    ],
)
def test_the_hash_tag_decides(key: str, same_as: str) -> None:
    """What stands in the first braces is all that counts."""
    assert key_slot(key) == key_slot(f"{{{same_as}}}") == key_slot(same_as)


@pytest.mark.parametrize("key", ["foo{}{bar}", "foo{bar", "foo}bar"])
def test_without_a_hash_tag_the_whole_key_counts(key: str) -> None:
    """Empty or open braces are part of the key."""
    assert key_slot(key) != key_slot("bar")
    assert key_slot(key) == key_slot(key.encode())


@given(st.integers(1, 500))
def test_even_ranges_cover_every_slot_once(count: int) -> None:
    """No slot is left out or owned twice, and no shard has more than one slot more than another."""
    parts = [parse_ranges(text) for text in even_ranges(count)]
    owned = [slot for ranges in parts for part in ranges for slot in part]
    sizes = {sum(map(len, ranges)) for ranges in parts}

    assert owned == list(range(SLOTS))
    assert max(sizes) - min(sizes) <= 1


def test_even_ranges_are_those_of_elasticache() -> None:
    """Three shards share as in the answers of AWS."""
    assert even_ranges(3) == ("0-5461", "5462-10922", "10923-16383")


@pytest.mark.parametrize("count", [0, -1, SLOTS + 1])
def test_a_count_that_cannot_share_is_refused(count: int) -> None:
    """There is at least one shard, and at least one slot for each."""
    with pytest.raises(ValueError, match=f"{count} node groups cannot share"):
        even_ranges(count)


def test_ranges_are_read_with_commas_and_spaces() -> None:
    """A shard may own several ranges."""
    assert parse_ranges("0-1, 5-5,16383-16383") == (range(2), range(5, 6), range(16383, 16384))


@pytest.mark.parametrize("text", ["", "5", "0-", "a-b", "0-1,", "0-16384", "2-1", "-1-2", "0-1;3-4"])
def test_what_is_no_range_is_refused(text: str) -> None:
    """A message names the mistake."""
    with pytest.raises(ValueError, match=r"slot|range"):
        parse_ranges(text)
