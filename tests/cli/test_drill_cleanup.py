"""What `drill cleanup` puts back after kill -9 of a drill."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.ops import session
from tests.cli.killing import LONGEST_SECONDS, Victim, after, assert_as_before, begun, killed, noted

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.ops.session import Session
    from tests.cli.local import Local

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("hear_ctrl_c")]


@pytest.fixture
def api(local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give the API of the local ElastiCache, with records of drills in a folder of the test's own."""
    monkeypatch.setattr(local, "state", tmp_path)
    for name, value in local.environment.items():
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


@pytest.mark.parametrize(
    ("drill", "kind", "whole"), [("partition", "fault", True), ("scale-out-in", "replicas", False)]
)
def test_a_killed_drill_is_put_back(  # noqa: PLR0917 - fixtures and parameters
    local: Local, api: Session, cluster: str, tmp_path: Path, drill: str, kind: str, whole: bool
) -> None:
    """Whether or not its instrument has outlived it."""
    victim = Victim(drill, cluster)
    before = victim.state(api)
    killed(local, victim, tmp_path, noted(tmp_path, kind), whole=whole)

    assert_as_before(api, victim, before)


@pytest.mark.prove
@pytest.mark.parametrize(
    ("drill", "kind"),
    [("partition", "fault"), ("scale-out-in", "replicas"), ("reshard", "shards"), ("backup-restore", "snapshot")],
)
def test_ctrl_c_puts_everything_back(  # noqa: PLR0917 - fixtures and parameters
    local: Local, api: Session, cluster: str, tmp_path: Path, drill: str, kind: str
) -> None:
    """Without a command of its own."""
    victim = Victim(drill, cluster)
    before = victim.state(api)
    process = begun(local, victim, tmp_path)
    noted(tmp_path, kind)(process)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert f"put back: {kind}" in told
    assert list(tmp_path.rglob("*.jsonl")) == []
    assert_as_before(api, victim, before)


@pytest.mark.prove
@pytest.mark.parametrize("number", range(20))
def test_a_drill_killed_at_a_random_moment_is_put_back(
    local: Local, api: Session, cluster: str, tmp_path: Path, number: int
) -> None:
    """Twenty moments over four drills, with the instrument killed in half of them."""
    chance = random.Random(number)  # noqa: S311 - no secret
    victim = Victim(("partition", "scale-out-in", "reshard", "backup-restore")[number % 4], cluster)
    before = victim.state(api)

    killed(local, victim, tmp_path, after(chance.uniform(0, LONGEST_SECONDS)), whole=number % 8 < 4)

    assert_as_before(api, victim, before)
