"""An emulator in a process of its own: found again, stopped, and never survived by an engine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator import daemon
from elasticache_kit.errors import EmulatorError, PortInUseError
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets


def gone(pids: list[int], seconds: float = 60) -> list[int]:
    """Wait for processes to end and return those that did not."""
    deadline = time.monotonic() + seconds
    left = pids
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if Path(f"/proc/{pid}/stat").exists() and " Z " not in _stat(pid)]
        time.sleep(0.05)
    return left


def _stat(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text()
    return " Z "


@pytest.fixture
def running(tmp_path: Path) -> Iterator[daemon.Running]:
    """A background emulator with one replication group of two nodes."""
    started = daemon.start(tmp_path / "a directory", ["--port", "0", "--timing", "instant"])
    try:
        client = client_of(started.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, NumCacheClusters=2)
        available(client("elasticache"))
        yield started
    finally:
        daemon.stop(started)


def engine_pids(running: daemon.Running) -> list[int]:
    """The processes that the emulator says it has started."""
    return list(daemon.said(running)["engine_pids"])


@pytest.mark.engine
def test_it_is_found_again_and_stops_with_all_its_engines(running: daemon.Running) -> None:
    """Another process finds it by its directory; after the stop nothing of it is left."""
    directory = Path(running.directory)
    pids = engine_pids(running)
    assert daemon.find(directory) == running
    assert len(pids) >= 2

    daemon.stop(running)

    assert gone([running.pid, *pids]) == []
    assert daemon.find(directory) is None


@pytest.mark.engine
def test_no_engine_outlives_a_killed_emulator(running: daemon.Running) -> None:
    """Kill -9 leaves no time to clean up: the engines go all the same."""
    pids = engine_pids(running)

    os.kill(running.pid, signal.SIGKILL)

    assert gone([running.pid, *pids]) == []
    assert daemon.find(Path(running.directory)) is None


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    """The port, the reason and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"port {port} on 127\.0\.0\.1 cannot be used: .*choose another port"):
            daemon.start(tmp_path, ["--port", str(port), "--no-engines"])


def test_an_engine_that_does_not_start_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that was tried and what it said are in the message."""
    broken = tmp_path / "broken-server"
    broken.write_text("#!/bin/sh\necho this engine is broken >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("ELASTICACHE_KIT_ENGINE", str(broken))

    with pytest.raises(EmulatorError, match="this engine is broken"):
        daemon.start(tmp_path / "state", ["--port", "0"])


def test_a_process_that_took_the_id_is_not_taken_for_the_emulator(tmp_path: Path) -> None:
    """A process id is used again after a while: the start time tells the two apart."""
    daemon.remember(tmp_path, "http://127.0.0.1:1")
    assert daemon.find(tmp_path) is not None
    text = (tmp_path / daemon.STATE_FILE).read_text()

    (tmp_path / daemon.STATE_FILE).write_text(text.replace('"started": "', '"started": "9'))

    assert daemon.find(tmp_path) is None


def test_a_directory_has_one_emulator(tmp_path: Path) -> None:
    """Two would share state and logs, and one of them would be forgotten; the next may have it when the first ends."""
    with daemon.claim(tmp_path), pytest.raises(EmulatorError, match=r"runs or starts in .* already"):
        daemon.claim(tmp_path)

    daemon.claim(tmp_path).close()


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """The directory, the reason and the option."""
    (tmp_path / "file").touch()

    with pytest.raises(EmulatorError, match=r"file/state cannot be used by an emulator: .*--directory"):
        daemon.start(tmp_path / "file" / "state", ["--no-engines"])


def test_a_bound_emulator_ends_in_good_order(tmp_path: Path) -> None:
    """Nothing is left of the thread that waits for the end of its standard input: the log has no fatal error."""
    started = daemon.start(tmp_path, ["--port", "0", "--no-engines"], bound=True)

    daemon.stop(started)

    assert "Fatal" not in (tmp_path / daemon.LOG_FILE).read_text()


def test_a_profile_that_is_not_there_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator plays AWS: whatever the caller's environment says of the real one is none of its business."""
    monkeypatch.setenv("AWS_PROFILE", "production")

    daemon.stop(daemon.start(tmp_path, ["--port", "0", "--no-engines"]))

    assert daemon.find(tmp_path) is None
