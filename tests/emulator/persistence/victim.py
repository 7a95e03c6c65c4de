"""An emulator that is there to be killed: a real process, forked from one that has moto imported already."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from elasticache_kit.emulator import daemon
from elasticache_kit.emulator.lifecycle import FAST, TIMINGS
from elasticache_kit.emulator.moto_seam import MENDED
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, client_of

PATIENCE_SECONDS = 60


class Victim:
    """Emulators one after the other over one directory.

    Args:
        directory: where they keep their state.
        engines: whether they start engines.
        timing: how long things take.
    """

    def __init__(self, directory: Path, *, engines: bool = False, timing: str = "instant") -> None:
        self.directory, self._engines, self._timing = directory, engines, timing
        self._context = multiprocessing.get_context("forkserver")
        # What an emulator imports when a service is first asked, too: it would do so after each kill.
        self._context.set_forkserver_preload([__name__, *(f"elasticache_kit.emulator.mend.{name}" for name in MENDED)])
        self._process: BaseProcess | None = None
        self.endpoint_url = ""
        self.notes: list[str] = []

    @property
    def pid(self) -> int | None:
        """The process id of the one that runs."""
        return None if self._process is None else self._process.pid

    def up(self) -> Client:
        """Start the next emulator and return a maker of clients of it."""
        mine, its = self._context.Pipe()
        arguments = (self.directory, self._engines, self._timing, its)
        self._process = self._context.Process(target=serve, args=arguments, daemon=True)
        self._process.start()
        its.close()
        assert mine.poll(PATIENCE_SECONDS), "the emulator did not start"
        self.endpoint_url, self.notes = mine.recv()
        return client_of(self.endpoint_url)

    def kill(self) -> None:
        """End the emulator as `kill -9` does."""
        process = self._process
        if process is not None and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            process.join(PATIENCE_SECONDS)
        self._process = None


def serve(directory: Path, engines: bool, timing: str, parent: Connection) -> None:
    """Be the emulator."""
    profile = TIMINGS.get(timing, FAST)
    directory.mkdir(parents=True, exist_ok=True)
    with daemon.claim(directory), Emulator(directory, timing=profile, engines=engines, keep=True) as emulator:
        parent.send((emulator.endpoint_url, emulator.capability["notes"]))
        while os.getppid() != 1:
            time.sleep(1)
