"""Drills that are killed, and what must be as before once `drill cleanup` has run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.drills import local_fault, resp
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import Connection
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.ops import inventory

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
    from tests.cli.local import Local

SHORT = ("--rate", "50", "--baseline", "0.3", "--duration", "1", "--settle", "0.3", "--max-stall", "60", "--hold", "10")
LONGEST_SECONDS = 12.0
# What a group and what is around it look like, of all that a drill may change.
Look = Callable[["Session"], object]
Moment = Callable[[Any], None]


def _nothing(_: Session) -> object:
    return None


def _open(_: Session) -> Access:
    return Access()


@dataclass(frozen=True)
class Victim:
    """A drill that is killed, and what is looked at before and after.

    Args:
        drill: its name.
        group: the group that it is run on.
        words: further arguments.
        access: how to get into the group now.
        elsewhere: the same group in other Regions, by the Region.
        further: what else of the account must be as before.
    """

    drill: str
    group: str
    words: tuple[str, ...] = ()
    access: Callable[[Session], Access] = _open
    elsewhere: dict[str, str] = field(default_factory=dict[str, str])
    further: Look = _nothing

    def state(self, api: Session) -> object:
        """Return what a drill may change; slots may be elsewhere after they came back."""
        group = inventory.replication_group(api, self.group)
        return [(each.node_group_id, each.status, len(each.members)) for each in group.node_groups], self.further(api)

    def at_rest(self, api: Session) -> bool:
        """Tell whether every group is available."""
        return all(group.status == "available" for group in self.groups(api))

    def groups(self, api: Session) -> Iterator[ReplicationGroup]:
        """Yield the group, and its fellows of other Regions."""
        yield inventory.replication_group(api, self.group)
        for region, name in self.elsewhere.items():
            yield inventory.replication_group(api.elsewhere(region), name)

    def keys_left(self, api: Session) -> list[str]:
        """Return the keys of drills that the nodes hold."""

        async def look() -> list[str]:
            found: list[str] = []
            access = self.access(api)
            for member in (member for group in self.groups(api) for member in group.members):
                assert member.endpoint is not None
                connection = await Connection.open(member.endpoint, access)
                (reply,) = await connection.ask(resp.command("KEYS", f"{PREFIX}*"))
                await connection.close()
                assert isinstance(reply, list), reply
                found += [str(key) for key in reply]
            return found

        return asyncio.run(look())


def family(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            yield int(status.parent.name)


def begun(local: Local, victim: Victim, records: Path) -> subprocess.Popen[str]:
    """Start a drill whose records are in a folder of the test's own, as those that `drill cleanup` reads here."""
    return local.begin("drill", "run", victim.drill, victim.group, *SHORT, *victim.words, XDG_STATE_HOME=str(records))


def killed(local: Local, victim: Victim, records: Path, moment: Moment, *, whole: bool) -> None:
    """Start a drill and kill it, and its instrument too if asked, when the moment has come."""
    process = begun(local, victim, records)
    moment(process)
    for each in [process.pid, *(family(process.pid) if whole else ())]:
        # At a random moment some, or all, have ended by themselves.
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.communicate()


def noted(folder: Path, kind: str) -> Moment:
    """Return a moment: when a change of a kind is on record."""

    def wait(process: Any) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if any(f'"kind": "{kind}"' in path.read_text() for path in folder.rglob("*.jsonl")):
                return
            time.sleep(0.02)
        pytest.fail(f"no change {kind} was noted: {process.communicate()}")

    return wait


def after(seconds: float) -> Moment:
    """Return a moment: so long after the start, or the end of the drill if that comes first."""

    def wait(process: Any) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)

    return wait


def cleanup() -> str:
    """Run the command in this process; it must put everything back."""
    done = CliRunner().invoke(main, ["drill", "cleanup"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def assert_as_before(api: Session, victim: Victim, before: object) -> None:
    """Clean up, and look whether anything is left."""
    cleanup()

    # A node that was rebooted or replaced comes back by itself, and an instrument that outlived its drill removes its
    # keys by itself; either may take a moment.
    deadline = time.monotonic() + 30
    while not (victim.at_rest(api) and not victim.keys_left(api)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert victim.at_rest(api)
    assert victim.keys_left(api) == []
    assert victim.state(api) == before
    assert [item for item in local_fault.going_on(api) if item["kind"] != "kill"] == []
    assert [other for other in inventory.replication_group_ids(api) if other.startswith("drill-")] == []
    assert api.ask.describe_snapshots()["Snapshots"] == []
    assert cleanup() == "nothing was left\n"
