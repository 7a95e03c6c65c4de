"""`elasticache-kit failover` over several node groups, within the quota, and taken up again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.in_process import document, invoke
from tests.ops.completed import make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """Where failovers are written down."""
    return str(tmp_path / "failovers.jsonl")


def test_all_node_groups_fail_over_and_are_timed(account: Session, ledger: str) -> None:
    """Each with its own times."""
    make_sharded(account, "shards", 3)

    told = document("failover", "shards", "--all", "--apply", ELASTICACHE_KIT_LEDGER=ledger)

    assert list(told["node_groups"]) == ["0001", "0002", "0003"]
    assert all(item["recovery_seconds"] >= 0 for item in told["node_groups"].values())


def test_the_quota_is_counted_from_events_of_whoever_called(account: Session, ledger: str) -> None:
    """Also of calls that are in no ledger of this machine."""
    make_sharded(account, "shards", 3)
    for _ in range(13):
        account.act.test_failover(ReplicationGroupId="shards", NodeGroupId="0001")

    done = invoke("failover", "shards", "--all", "--apply", ELASTICACHE_KIT_LEDGER=ledger)

    assert done.exit_code == 4
    assert "13 were called, this asks for 3 more; wait until" in done.stderr


def test_an_interrupted_run_is_taken_up_where_it_ended(account: Session, ledger: str) -> None:
    """The node groups that it came to are left alone."""
    make_sharded(account, "shards", 3)
    invoke("failover", "shards", "--node-group", "0001", "--apply", ELASTICACHE_KIT_LEDGER=ledger)
    lines = [json.loads(line) for line in Path(ledger).read_text().splitlines()]
    # As a run over all leaves it that was killed after the first.
    Path(ledger).write_text("".join(json.dumps(line | {"of": ["0001", "0002", "0003"]}) + "\n" for line in lines))

    first = document("failover", "shards", "--resume", "--apply", ELASTICACHE_KIT_LEDGER=ledger)
    second = invoke("failover", "shards", "--resume", ELASTICACHE_KIT_LEDGER=ledger)

    assert first["operation"] == "failover of shards, node groups 0002, 0003"
    assert (second.exit_code, "nothing is to be resumed" in second.stderr) == (2, True)


def test_one_choice_is_given(account: Session, ledger: str) -> None:
    """All and some contradict each other."""
    make_sharded(account, "shards", 2)

    done = invoke("failover", "shards", "--all", "--node-group", "0001", ELASTICACHE_KIT_LEDGER=ledger)

    assert (done.exit_code, "give one of" in done.stderr) == (2, True)
