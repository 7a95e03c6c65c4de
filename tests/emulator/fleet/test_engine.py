"""One engine process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet import binary
from elasticache_kit.emulator.fleet.address import AddressBlock
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.engine import Engine
from elasticache_kit.emulator.fleet.spawner import Spawner
from elasticache_kit.errors import EngineStartError

pytestmark = pytest.mark.engine

PATIENCE = 60.0


@pytest.fixture
def block() -> Iterator[AddressBlock]:
    """A block of addresses."""
    block = AddressBlock()
    yield block
    block.close()


@pytest.fixture
def spawner(tmp_path: Path) -> Iterator[Spawner]:
    """A spawner whose processes end with the test."""
    spawner = Spawner(tmp_path)
    yield spawner
    spawner.close()


@pytest.fixture
def engine(block: AddressBlock, spawner: Spawner, tmp_path: Path) -> Engine:
    """An engine that is not started."""
    return Engine(binary.find(), spawner, tmp_path / "engine", block.take((6379,)), 6379)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notify-keyspace-events", "AKE"),
        ("maxmemory-policy", "volatile-lru"),
        ("proc-title-template", 'a "quoted" title with \\ and {title}'),
        ("client-output-buffer-limit", "normal 0 0 0 replica 1048576 0 0 pubsub 33554432 8388608 60"),
    ],
)
def test_a_parameter_arrives_as_it_was_given(engine: Engine, name: str, value: str) -> None:
    """Settings with blanks, quotes and several words reach the engine unchanged."""
    engine.start({name: value})
    engine.ready(Deadline(PATIENCE))
    with engine.admin() as admin:
        reply = admin.command("CONFIG", "GET", name)
    assert isinstance(reply, list)
    answered = str(reply[1]).replace("slave", "replica")
    assert sorted(answered) == sorted(value)


def test_the_emulator_has_the_last_word(engine: Engine) -> None:
    """A parameter cannot move the engine or make it write snapshots of its own."""
    engine.start({"bind": "0.0.0.0", "port": "1", "save": "1 1"})  # noqa: S104 - what must not happen
    engine.ready(Deadline(PATIENCE))
    with engine.admin() as admin:
        reply = admin.command("CONFIG", "GET", "save")
    assert reply == ["save", ""]


def test_an_unknown_parameter_is_quoted(engine: Engine) -> None:
    """The error repeats what the engine said against its configuration."""
    engine.start({"no-such-thing": "1"})
    with pytest.raises(EngineStartError, match="the process ended") as caught:
        engine.ready(Deadline(PATIENCE))
    assert "no-such-thing" in str(caught.value)


def test_somebody_else_on_the_port_is_an_error(engine: Engine) -> None:
    """Where another program listens the engine cannot, and the error says why."""
    with socket.create_server((engine.address, engine.port)):
        engine.start({})
        with pytest.raises(EngineStartError, match="Address already in use"):
            engine.ready(Deadline(PATIENCE))


def test_an_engine_that_is_not_ours_is_an_error(engine: Engine, spawner: Spawner, tmp_path: Path) -> None:
    """An answer of another engine at the address does not pass for ours."""
    engine.start({})
    engine.ready(Deadline(PATIENCE))
    impostor = Engine(binary.find(), spawner, tmp_path / "other", engine.address, engine.port)
    impostor.start({})
    with pytest.raises(EngineStartError, match=r"answers there, not \d+|the process ended"):
        impostor.ready(Deadline(PATIENCE))
    assert engine.alive


def test_only_own_lines_of_the_log_are_quoted(engine: Engine) -> None:
    """After a restart the error does not quote what the process before has said."""
    engine.start({"no-such-thing": "1"})
    with pytest.raises(EngineStartError):
        engine.ready(Deadline(PATIENCE))
    engine.start({})
    engine.ready(Deadline(PATIENCE))
    assert "Ready to accept connections" in engine.log_tail()
    assert "no-such-thing" not in engine.log_tail()


def test_an_engine_listens_on_further_addresses(engine: Engine, block: AddressBlock) -> None:
    """An endpoint's address is taken and freed while the engine runs; its own address stays."""
    further = block.take((6379,))
    engine.start({})
    engine.ready(Deadline(PATIENCE))
    engine.listen_also([further])
    socket.create_connection((further, 6379), timeout=PATIENCE).close()
    engine.listen_also([])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((further, 6379), timeout=PATIENCE)
    socket.create_connection((engine.address, 6379), timeout=PATIENCE).close()


def test_an_address_that_is_taken_for_a_moment_is_waited_for(engine: Engine, block: AddressBlock) -> None:
    """As by a child that has just been forked; one that stays taken is an error, and says so."""
    engine.start({})
    engine.ready(Deadline(PATIENCE))
    further, other = block.take((6379,)), block.take((6379,))
    with socket.create_server((further, 6379)) as holder:
        release = threading.Timer(0.2, holder.close)
        release.start()
        engine.listen_also([further])
        release.join()
    socket.create_connection((further, 6379)).close()
    with socket.create_server((other, 6379)), pytest.raises(EngineStartError, match=f"cannot listen on .*{other}"):
        engine.listen_also([other])


def test_wiping_leaves_the_log_only(engine: Engine) -> None:
    """A node that is replaced keeps nothing; its log is for whoever looks for the cause."""
    engine.start({})
    engine.ready(Deadline(PATIENCE))
    engine.kill()
    (engine.directory / "dump.rdb").write_text("data")
    engine.wipe()
    assert [path.name for path in engine.directory.iterdir()] == ["engine.log"]
