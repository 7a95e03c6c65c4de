"""Loopback addresses."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.fleet.address import AddressBlock, Addresses
from elasticache_kit.errors import EngineStartError


@pytest.fixture
def block() -> Iterator[AddressBlock]:
    """A block of addresses."""
    block = AddressBlock()
    yield block
    block.close()


@given(steps=st.lists(st.one_of(st.none(), st.integers(0, 20)), max_size=600))
def test_no_address_is_given_twice(steps: list[int | None]) -> None:
    """Whatever is taken and given back, no address has two owners, and none looks like a network or broadcast."""
    block = AddressBlock()
    owned: list[str] = []
    for step in steps:
        if step is None or step >= len(owned):
            address = block.take((6379,), free=lambda _address, _port: None)
            assert address not in owned
            assert address.split(".")[3] not in ("0", "255")
            owned.append(address)
        else:
            block.give_back(owned.pop(step))
    block.close()


def test_an_address_is_reused_late(block: AddressBlock) -> None:
    """An address that was given back does not come next: old clients may still know it."""
    first = block.take((6379,), free=lambda _address, _port: None)
    block.give_back(first)
    assert block.take((6379,), free=lambda _address, _port: None) != first


def test_two_emulators_never_share_a_block() -> None:
    """A block that one emulator holds is not given to another, and is free again when it has closed."""
    first = AddressBlock()
    number = int(first.network.split(".")[1])
    neighbour = number + 1 if number < 249 else number - 1
    second = AddressBlock([number, neighbour])
    assert second.network == f"127.{neighbour}.0.0/16"
    second.close()
    first.close()
    third = AddressBlock([number])
    assert third.network == first.network
    third.close()


def test_no_block_left_is_an_error() -> None:
    """When every block is claimed the message says so."""
    first = AddressBlock()
    with pytest.raises(EngineStartError, match="claimed by another emulator"):
        AddressBlock([int(first.network.split(".")[1])])
    first.close()


def test_a_taken_address_is_passed_over(block: AddressBlock) -> None:
    """An address on which somebody listens is not given out."""
    with socket.socket() as listener:
        first = block.network.replace(".0.0/16", ".1.1")
        listener.bind((first, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert block.take((port,)) == block.network.replace(".0.0/16", ".1.2")


def test_a_process_on_every_address_is_an_error(block: AddressBlock) -> None:
    """Where somebody listens on 0.0.0.0 no address has the port free; the message names port and remedy."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - what the test is about
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(EngineStartError, match=rf"port {port} free.*every address \(0\.0\.0\.0\)") as caught:
            block.take((port,))
    assert f"sport = :{port}" in str(caught.value)


def test_a_machine_without_loopback_aliases_is_refused() -> None:
    """Where 127.x.y.z cannot be bound, as on macOS, the message says what is missing and what to do."""

    def claim(address: str, port: int) -> socket.socket:
        raise OSError(errno.EADDRNOTAVAIL, "Can't assign requested address", f"{address}:{port}")

    with pytest.raises(EngineStartError, match="not supported yet"):
        AddressBlock(claim=claim)


def test_a_name_has_its_former_address_again() -> None:
    """In another process, where the former block is free again; nobody else gets the address meanwhile."""
    first = AddressBlock()
    kept = {name: first.take((6379,), name=name) for name in ("a", "b")}
    said = first.addresses
    first.close()

    second = AddressBlock(expected=said)
    try:
        other = second.take((6379,), name="c")

        assert other not in kept.values()
        assert {name: second.take((6379,), name=name) for name in ("b", "a")} == kept
        assert second.addresses == Addresses(said.block, {**kept, "c": other})
    finally:
        second.close()


def test_a_former_address_is_waited_for() -> None:
    """The engine of an emulator that was killed is there a moment longer than the emulator."""
    first = AddressBlock()
    kept, said = first.take((6379,), name="a"), first.addresses
    first.close()
    looks = iter([OSError(errno.EADDRINUSE, "Address already in use")] * 3)

    second = AddressBlock(expected=said)
    try:
        assert second.take((6379,), lambda _address, _port: next(looks, None), name="a") == kept
    finally:
        second.close()


def test_a_former_address_that_stays_taken_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has it by now: the name gets another one."""
    monkeypatch.setattr("elasticache_kit.emulator.fleet.address.RELEASE_SECONDS", 0.05)
    first = AddressBlock()
    kept, said = first.take((6379,), name="a"), first.addresses
    first.close()

    second = AddressBlock(expected=said)
    try:
        with socket.create_server((kept, 6379)):
            assert second.take((6379,), name="a") != kept
    finally:
        second.close()


def test_where_the_former_block_is_taken_addresses_are_new(
    block: AddressBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator that has it keeps it."""
    monkeypatch.setattr("elasticache_kit.emulator.fleet.address.RELEASE_SECONDS", 0.05)
    name = block.take((6379,), name="a")

    second = AddressBlock(expected=block.addresses)
    try:
        assert second.take((6379,), name="a").split(".")[1] != name.split(".")[1]
    finally:
        second.close()
