"""The tasks of the deployed stack as processes of this machine, by `elasticache-kit emulator run-task`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.launcher import die_with
from elasticache_kit.errors import ElastiCacheKitError

if TYPE_CHECKING:
    from elasticache_kit.emulator.daemon import Running

READY_SECONDS = 60
END_SECONDS = 40
POLL_SECONDS = 0.05
LOG_LINES = 20


class TaskFailedError(ElastiCacheKitError):
    """A task did not do what it is there for."""


@contextmanager
def task(running: Running, stack: str, container: str, *command: str, ready: str) -> Generator[Callable[[], str]]:
    """Run a task while a block goes on; it ends with this process, however that ends.

    The block gets what waits until the task is ready, and returns the last group of what it said then.

    Args:
        running: the emulator that it was deployed to.
        stack: the stack.
        container: the container of one of its task definitions.
        command: what runs in the place of the container's own command.
        ready: what it says when it is ready, a pattern.

    Raises:
        TaskFailedError: by what the block gets: it ended, or is not ready after a minute; with what it said last.
    """
    log = _log(running, container)
    process = _start(running, stack, container, command, log)
    try:
        yield partial(_ready, process, container, log, re.compile(ready))
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_task(running: Running, stack: str, container: str, *command: str) -> None:
    """Run a task that ends by itself; see `task`."""
    log = _log(running, container)
    process = _start(running, stack, container, command, log)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code:
        raise _failed(container, log, f"ended with {code}")


def _start(
    running: Running, stack: str, container: str, command: tuple[str, ...], log: Path
) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "elasticache_kit.cli", "emulator", "run-task", stack, "--container", container]
    arguments = ["--directory", running.directory, *(["--", *command] if command else [])]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C is for this process, which ends the tasks in its own order.
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),  # noqa: PLW1509 - no other thread runs
        )


def _log(running: Running, container: str) -> Path:
    taken = len(list(Path(running.directory).glob(f"{container}-*.log")))
    return Path(running.directory) / f"{container}-{taken}.log"


def _ready(process: subprocess.Popen[bytes], container: str, log: Path, ready: re.Pattern[str]) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while (found := ready.search(log.read_text(errors="replace"))) is None:
        if process.poll() is not None:
            raise _failed(container, log, f"ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise _failed(container, log, f"is not ready after {READY_SECONDS} s")
        time.sleep(POLL_SECONDS)
    return found.group(found.lastindex or 0)


def _failed(container: str, log: Path, what: str) -> TaskFailedError:
    said = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
    return TaskFailedError("\n".join([f"the task {container} {what}; it said:", *said]))
