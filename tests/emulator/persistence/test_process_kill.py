"""Whichever process is killed under load, whenever: the group is whole again, and nothing is left of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator import capability, outage_page
from tests.emulator.persistence import load, process_table
from tests.emulator.persistence.victim import Victim
from tests.emulator.wire import available, make_group, make_subnet_group, make_subnets, until
from tests.property.depth import proving

pytestmark = [
    pytest.mark.engine,
    # valkey-py drops a socket whose TLS handshake fails and does not close it: here that is the front that was killed.
    pytest.mark.filterwarnings("ignore:.*SSLSocket:pytest.PytestUnraisableExceptionWarning"),
]

KILLS: dict[str, int] = (
    dict.fromkeys(("emulator", "front", "client", "engine"), 50)
    if proving()
    else {"emulator": 1, "front": 1, "client": 1, "engine": 2}
)
LONGEST_SECONDS = 1.5 if proving() else 0.4
PATIENCE_SECONDS = 60
# Connections that come and go while somebody counts.
SOME_FILES = 12
GROUP: dict[str, Any] = {
    "NumCacheClusters": None,
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "CacheParameterGroupName": "default.valkey8.cluster.on",
    "SnapshotRetentionLimit": 1,
}
Measured = Callable[..., None]


class Stage:
    """An emulator, its group `orders`, and a client that writes to it.

    Args:
        directory: the emulator's own.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.victim = Victim(directory, engines=True)
        self.journals: list[Path] = []
        self._load: subprocess.Popen[bytes] | None = None
        client = self.victim.up()
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, **GROUP)
        self.api = client("elasticache")
        described = available(self.api)["ConfigurationEndpoint"]
        self.address, self.port = described["Address"], described["Port"]
        self.start_client()
        self.await_progress()
        self.opened = process_table.open_files(self.emulator_pid)
        self.files_at_first = self.files

    @property
    def files(self) -> set[str]:
        """The names of all files of the emulator, but for those of which each number comes once."""
        names = {path.name for path in self.directory.rglob("*")}
        return {name for name in names if not name.startswith("appendonly.aof")}

    @property
    def says(self) -> dict[str, Any]:
        """What the emulator says of itself."""
        return capability.ask(self.victim.endpoint_url) or {}

    @property
    def emulator_pid(self) -> int:
        """The emulator."""
        assert self.victim.pid is not None
        return self.victim.pid

    @property
    def front_pid(self) -> int:
        """The process that ends TLS."""
        return next(
            pid
            for pid in process_table.children_of(self.emulator_pid)
            if "front/process.py" in process_table.command_of(pid)
        )

    def start_client(self) -> None:
        """Start the next client."""
        journal = self.directory.parent / f"journal-{len(self.journals)}"
        arguments = [self.address, str(self.port), self.says["ca_file"], f"w{len(self.journals)}", str(journal)]
        self._load = subprocess.Popen([sys.executable, load.__file__, *arguments])
        journal.touch()
        self.journals.append(journal)

    def kill(self, kind: str, choice: random.Random) -> None:
        """Kill a process of a kind."""
        match kind:
            case "emulator":
                self.victim.kill()
                self.api = self.victim.up()("elasticache")
                self.opened = process_table.open_files(self.emulator_pid)
            case "front":
                os.kill(self.front_pid, signal.SIGKILL)
            case "client":
                self.stop_client()
                self.start_client()
            case _:
                os.kill(choice.choice(self.says["engine_pids"]), signal.SIGKILL)

    def stop_client(self) -> None:
        """Kill the client."""
        if self._load is not None:
            self._load.kill()
            self._load.wait()

    def await_progress(self) -> None:
        """Wait until the present client has had a few writes acknowledged."""
        before = self.journals[-1].stat().st_size
        until(lambda: self.journals[-1].stat().st_size, lambda size: size > before + 100, PATIENCE_SECONDS)

    def disagreements(self) -> list[str]:
        """Say where the account and the engines differ, or where something is missing."""
        group = self.api.describe_replication_groups(ReplicationGroupId="orders")["ReplicationGroups"][0]
        clusters = self.api.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
        states = {group["Status"], *(shard["Status"] for shard in group["NodeGroups"])}
        states |= {item["CacheClusterStatus"] for item in clusters}
        if states != {"available"} or len(clusters) != 4:
            return [f"states {sorted(states)} of {len(clusters)} nodes"]
        addresses = {item["CacheClusterId"]: item["CacheNodes"][0]["Endpoint"]["Address"] for item in clusters}
        found: list[str] = []
        for shard in group["NodeGroups"]:
            members = {addresses[item["CacheClusterId"]] for item in shard["NodeGroupMembers"]}
            found += self._of_shard(shard["Slots"], members)
        return found

    def _of_shard(self, slots: str, members: set[str]) -> Iterator[str]:
        primaries: list[str] = []
        first, _, last = slots.partition("-")
        for address in sorted(members):
            secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": self.says["ca_file"], "socket_timeout": 2}
            try:
                connected: Any = valkey.Valkey(host=address, port=self.port, **secured)
                with connected as node:
                    replication = node.info("replication")
                    seen = node.execute_command("CLUSTER", "SLOTS")
            except (valkey.ValkeyError, OSError) as error:
                yield f"{address} does not answer: {error}"
                continue
            if replication["role"] == "master":
                primaries.append(address)
                if replication["connected_slaves"] != 1:
                    yield f"{address} has {replication['connected_slaves']} replicas"
            elif replication["master_link_status"] != "up":
                yield f"{address} is not in sync"
            told = {(begin, end): {_text(place[0]) for place in places} for (begin, end), places in _ranges(seen)}
            if told.get((int(first), int(last))) != members:
                yield f"{address} tells of {told}, the account of {slots} at {members}"
        if len(primaries) != 1:
            yield f"{slots} has the primaries {primaries}"

    def lost(self) -> int:
        """Count what was acknowledged and is not there."""
        secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": self.says["ca_file"]}
        keys = [key for journal in self.journals for key in journal.read_text(encoding="utf-8").split()]
        with ValkeyCluster(host=self.address, port=self.port, **secured) as client:
            return sum(not client.exists(key) for key in keys)


def _ranges(slots: Any) -> list[tuple[tuple[int, int], list[Any]]]:
    """Read an answer of CLUSTER SLOTS, which the client has made a mapping or left a list."""
    if isinstance(slots, dict):
        known = cast("dict[tuple[int, int], dict[str, Any]]", slots)
        return [(key, [value["primary"], *value["replicas"]]) for key, value in known.items()]
    return [((begin, end), places) for begin, end, *places in slots]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Set it up, and leave nothing running."""
    made = Stage(tmp_path_factory.mktemp("stage") / "emulator")
    yield made
    made.stop_client()
    made.victim.kill()


def test_a_node_that_does_not_come_back_would_be_found(stage: Stage) -> None:
    """The control of the test below: an engine is killed while nothing is replaced."""
    url = f"{stage.victim.endpoint_url}{outage_page.PATH}"
    order = {"kind": "failed-recovery", "Region": "eu-west-1", "ReplicationGroupId": "orders"}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(order).encode(), headers)  # noqa: S310 - http only
    begun = json.loads(capability.send(request))
    stage.kill("engine", random.Random(7))  # noqa: S311 - no secret
    found = until(stage.disagreements, lambda found: "rebooting" in str(found))
    capability.send(urllib.request.Request(f"{url}/{begun['id']}", method="DELETE"))  # noqa: S310 - http only

    assert found
    until(stage.disagreements, lambda found: found == [], PATIENCE_SECONDS)


@pytest.mark.parametrize("kind", KILLS)
def test_the_group_is_whole_again(stage: Stage, measured: Measured, kind: str) -> None:
    """Account and engines agree, and the client goes on."""
    choice = random.Random(kind)  # noqa: S311 - no secret
    longest = 0.0
    for _ in range(KILLS[kind]):
        # Not to synchronise: the moment is what is tried.
        time.sleep(choice.uniform(0, LONGEST_SECONDS))
        begun = time.monotonic()
        stage.kill(kind, choice)
        until(stage.disagreements, lambda found: found == [], PATIENCE_SECONDS)
        longest = max(longest, time.monotonic() - begun)
        stage.await_progress()
    measured("kill -9", process=kind, kills=KILLS[kind], whole_again_seconds_worst=longest)


def test_nothing_is_left_over(stage: Stage, measured: Measured) -> None:
    """After all these kills: no process, no listener, no file, and no more open files than before."""
    stage.stop_client()
    more_opened = process_table.open_files(stage.emulator_pid) - stage.opened
    new_files = stage.files - stage.files_at_first
    block = int(stage.address.split(".")[1])
    measured("kill -9: acknowledged writes lost", lost=stage.lost(), of=sum(map(_lines, stage.journals)))
    stage.victim.kill()

    assert more_opened <= SOME_FILES
    assert new_files == set()
    until(lambda: process_table.naming(str(stage.directory)), lambda found: found == [])
    until(lambda: process_table.listening(block), lambda found: found == [])


def _lines(journal: Path) -> int:
    return len(journal.read_text(encoding="utf-8").split())
