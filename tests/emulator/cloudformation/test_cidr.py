"""Fn::Cidr."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.cloudformation import cidr


@pytest.mark.parametrize(
    ("block", "count", "bits", "expected"),
    [
        ("10.0.0.0/24", 2, 5, ["10.0.0.0/27", "10.0.0.32/27"]),
        ("10.0.0.0/24", 1, 8, ["10.0.0.0/24"]),
        ("2001:db8::/56", 3, 64, ["2001:db8::/64", "2001:db8:0:1::/64", "2001:db8:0:2::/64"]),
    ],
)
def test_blocks(block: str, count: int, bits: int, expected: list[str]) -> None:
    """The first ones, in order."""
    assert cidr.blocks(block, count, bits) == expected


@given(st.integers(0, 24), st.integers(1, 256), st.integers(0, 12))
def test_blocks_lie_in_the_whole_and_apart(length: int, count: int, bits: int) -> None:
    """Where there are enough of them; else it is refused."""
    whole = f"10.0.0.0/{max(8, length)}"
    room = 32 - bits - max(8, length)
    if room < 0 or 2**room < count:
        with pytest.raises(ValueError, match="there are no"):
            cidr.blocks(whole, count, bits)
        return
    found = [ipaddress.ip_network(item) for item in cidr.blocks(whole, count, bits)]
    assert len(found) == count
    assert all(item.num_addresses == 2**bits for item in found)
    assert all(
        int(after.network_address) - int(before.network_address) == 2**bits
        for before, after in itertools.pairwise(found)
    )
    assert int(found[-1].broadcast_address) <= int(ipaddress.ip_network(whole).broadcast_address)


def test_it_is_replaced_wherever_it_stands() -> None:
    """In lists and mappings; what is in it is resolved before."""
    value = {"a": [{"Fn::Select": [1, {"Fn::Cidr": [{"Ref": "Block"}, "2", 4]}]}], "b": "same"}

    def resolve(asked: Any) -> Any:
        return ["10.0.0.0/24", *asked[1:]]

    assert cidr.resolved(value, resolve) == {
        "a": [{"Fn::Select": [1, ["10.0.0.0/28", "10.0.0.16/28"]]}],
        "b": "same",
    }
