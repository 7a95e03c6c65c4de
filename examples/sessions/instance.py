"""Instances of the shop as processes of this machine."""

from __future__ import annotations

import itertools
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.emulator.fleet.launcher import die_with
from elasticache_kit.errors import ElastiCacheKitError

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Above those that programs have by habit, and below the range that Linux gives to connections by default.
PORTS = range(20_000, 32_768)
CONTAINER = "Shop"
PATIENCE_SECONDS = 60
POLL_SECONDS = 0.05
LOG_LINES = 20


class InstanceError(ElastiCacheKitError):
    """An instance did not start."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run for an instance.

    Args:
        words: the program and its arguments.
        environment: its variables.
    """

    words: Sequence[str]
    environment: Mapping[str, str]


# Returns the program of an instance, given its name and its port.
Launch = Callable[[str, int], Program]


def task_of(stack: str, directory: Path) -> Launch:
    """Return what runs instances as the deployed task definition says: its image's folder, its variables, its role.

    Args:
        stack: the stack of the service.
        directory: the emulator's.
    """

    def launch(name: str, port: int) -> Program:
        task = ["emulator", "run-task", "--directory", str(directory), "--container", CONTAINER, stack]
        # The task definition has one port, which two processes of one machine cannot share.
        words = ["env", f"INSTANCE={name}", *uvicorn(port)]
        return Program([sys.executable, "-m", "elasticache_kit.cli", *task, "--", *words], os.environ)

    return launch


def process_with(environment: Mapping[str, str]) -> Launch:
    """Return what runs instances with variables that are given."""

    def launch(name: str, port: int) -> Program:
        return Program([sys.executable, "-m", *uvicorn(port)], {**environment, "INSTANCE": name})

    return launch


def uvicorn(port: int) -> list[str]:
    """Return the words that serve the shop at a port of this machine."""
    return ["uvicorn", "--factory", "examples.sessions.shop:create", "--host", HOST, "--port", str(port)]


@contextmanager
def instances(names: Sequence[str], launch: Launch, logs: Path) -> Generator[list[int]]:
    """Run instances while the block lasts, and give the ports that they listen at.

    Args:
        names: what they call themselves.
        launch: how each is run.
        logs: the folder that takes what they say.

    Raises:
        InstanceError: one does not answer; the message has the end of what it said.
    """
    ports = free_ports(len(names))
    with ExitStack() as stack:
        started = [
            (port, stack.enter_context(_running(launch(name, port), logs / f"{name}.log")), logs / f"{name}.log")
            for name, port in zip(names, ports, strict=True)
        ]
        for port, process, log in started:
            _await(port, process, log)
        yield ports


@contextmanager
def _running(program: Program, log: Path) -> Generator[subprocess.Popen[bytes]]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            program.words,
            cwd=ROOT,
            env=program.environment,
            stdout=said,
            stderr=said,
            preexec_fn=die_with(os.getpid()),  # noqa: PLW1509 - no other thread of ours runs yet
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens at.

    None of those that the kernel gives to connections: one of them could be in use before an instance listens there.
    """
    choices = random.SystemRandom().sample(PORTS, len(PORTS))
    return list(itertools.islice(filter(_is_free, choices), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(f"http://{HOST}:{port}/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    lines = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
    raise InstanceError("\n".join([f"the instance at port {port} does not answer:", *lines]))
