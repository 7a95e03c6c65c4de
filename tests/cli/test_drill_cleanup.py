"""What `drill cleanup` puts back after kill -9 of a drill."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.drills import local_fault
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.ops import inventory, session

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
    from tests.cli.local import Local

pytestmark = pytest.mark.engine

SHORT = ("--rate", "50", "--baseline", "0.3", "--duration", "1", "--settle", "0.3", "--max-stall", "60", "--hold", "10")
LONGEST_SECONDS = 12.0


@pytest.fixture
def api(local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give the API of the local ElastiCache, with records of drills in a folder of the test's own."""
    for name, value in (*local.environment.items(), ("XDG_STATE_HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    return session.connect()


@pytest.fixture(scope="module")
def cluster(local: Local) -> str:
    """Make a cluster of two node groups."""
    return local.group(
        "killed",
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        CacheParameterGroupName="default.valkey9.cluster.on",
        MultiAZEnabled=True,
    )


def shape(group: ReplicationGroup) -> list[tuple[str, str, int]]:
    """Return what a drill may change of a group; slots may be elsewhere after they came back."""
    return [(each.node_group_id, each.status, len(each.members)) for each in group.node_groups]


def keys_left(group: ReplicationGroup) -> list[Any]:
    """Return the keys of drills that the nodes of a group hold."""
    found: list[Any] = []
    for member in group.members:
        assert member.endpoint is not None
        with valkey.Valkey(host=member.endpoint.address, port=member.endpoint.port) as client:
            keys: Any = client.keys(f"{PREFIX}*")  # pyright: ignore[reportUnknownMemberType] - valkey-py is half typed
            found += keys
    return found


def family(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            yield int(status.parent.name)


def killed(local: Local, name: str, group: str, moment: Any, *, whole: bool) -> None:
    """Start a drill and kill it, and its instrument too if asked, when the moment has come."""
    process = local.begin("drill", "run", name, group, *SHORT)
    moment(process)
    victims = [process.pid, *(family(process.pid) if whole else ())]
    for victim in victims:
        # At a random moment some, or all, have ended by themselves.
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    process.communicate()


def noted(folder: Path, kind: str) -> Any:
    """Return a moment: when a change of a kind is on record."""

    def wait(process: Any) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if any(f'"kind": "{kind}"' in path.read_text() for path in folder.rglob("*.jsonl")):
                return
            time.sleep(0.02)
        pytest.fail(f"no change {kind} was noted: {process.communicate()}")

    return wait


def after(seconds: float) -> Any:
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


def assert_as_before(api: Session, name: str, before: ReplicationGroup) -> None:
    """Clean up, and look whether anything is left."""
    cleanup()

    group = inventory.replication_group(api, name)
    assert shape(group) == shape(before)
    assert group.status == "available"
    # An instrument that outlived its drill removes its keys by itself; it may take a moment.
    deadline = time.monotonic() + 20
    while keys_left(group) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert keys_left(group) == []
    assert [item for item in local_fault.going_on(api) if item["kind"] != "kill"] == []
    assert [other for other in inventory.replication_group_ids(api) if other.startswith("drill-")] == []
    assert api.ask.describe_snapshots()["Snapshots"] == []
    assert cleanup() == "nothing was left\n"


@pytest.mark.parametrize(
    ("drill", "kind", "whole"), [("partition", "fault", True), ("scale-out-in", "replicas", False)]
)
def test_a_killed_drill_is_put_back(  # noqa: PLR0917 - fixtures and parameters
    local: Local, api: Session, cluster: str, tmp_path: Path, drill: str, kind: str, whole: bool
) -> None:
    """Whether or not its instrument has outlived it."""
    before = inventory.replication_group(api, cluster)
    killed(local, drill, cluster, noted(tmp_path, kind), whole=whole)

    assert_as_before(api, cluster, before)


@pytest.mark.prove
@pytest.mark.parametrize(
    ("drill", "kind"),
    [("partition", "fault"), ("scale-out-in", "replicas"), ("reshard", "shards"), ("backup-restore", "snapshot")],
)
def test_ctrl_c_puts_everything_back(  # noqa: PLR0917 - fixtures and parameters
    local: Local, api: Session, cluster: str, tmp_path: Path, drill: str, kind: str
) -> None:
    """Without a command of its own."""
    before = inventory.replication_group(api, cluster)
    process = local.begin("drill", "run", drill, cluster, *SHORT)
    noted(tmp_path, kind)(process)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert f"put back: {kind}" in told
    assert list(tmp_path.rglob("*.jsonl")) == []
    assert_as_before(api, cluster, before)


@pytest.mark.prove
@pytest.mark.parametrize("number", range(20))
def test_a_drill_killed_at_a_random_moment_is_put_back(local: Local, api: Session, cluster: str, number: int) -> None:
    """Twenty moments over four drills, with the instrument killed in half of them."""
    chance = random.Random(number)  # noqa: S311 - no secret
    before = inventory.replication_group(api, cluster)
    drill = ("partition", "scale-out-in", "reshard", "backup-restore")[number % 4]

    killed(local, drill, cluster, after(chance.uniform(0, LONGEST_SECONDS)), whole=number % 8 < 4)

    assert_as_before(api, cluster, before)
