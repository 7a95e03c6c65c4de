"""Taking, copying and pruning snapshots, inside this process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import backup, execution, snapshot
from elasticache_kit.ops.content import TAG, Access
from elasticache_kit.ops.inventory import replication_group
from elasticache_kit.ops.plan import Call
from elasticache_kit.ops.snapshot import Shard, Snapshot
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TAKEN = Snapshot(
    "one", "available", "manual", "orders", NOW, "valkey", "8.1", "cache.m7g.large", None, None, True, None,
    (Shard("0001", None, 1, "3 MB"),), "arn:one",
)  # fmt: skip


def take(api: Session, name: str = "one", **more: Any) -> Plan:
    """Plan a snapshot of `orders` and run it."""
    now = datetime.now(UTC)
    planned = backup.create(replication_group(api, "orders"), name, snapshot.observe(api), now, **more)
    execution.run(planned, api, lambda _: None)
    return planned


def names(api: Session) -> list[str]:
    """Return the names of all snapshots."""
    return [item.name for item in snapshot.observe(api)]


def of_days(*days: float, **more: Any) -> list[Snapshot]:
    """Return snapshots that are so many days old."""
    return [replace(TAKEN, name=f"of-{day:g}", created=NOW - timedelta(days=day), **more) for day in days]


def deleted(planned: Plan) -> list[str]:
    """Return what a plan removes."""
    return [str(dict(step.parameters)["SnapshotName"]) for step in planned.steps if isinstance(step, Call)]


def test_a_snapshot_is_taken_and_shows_its_node_groups(account: Session) -> None:
    """With slots and replicas, which a restore needs."""
    make_sharded(account, count=2)

    take(account)

    taken = snapshot.named(account, "one")
    assert (taken.status, taken.source, taken.cluster_enabled) == ("available", "manual", True)
    assert [(item.slots, item.replica_count) for item in taken.shards] == [("0-8191", 1), ("8192-16383", 1)]


def test_a_snapshot_that_is_there_is_not_taken_again(account: Session) -> None:
    """The second run has nothing left to do."""
    make_group(account)
    take(account)

    assert take(account).steps == ()
    assert names(account) == ["one"]


def test_a_name_of_another_group_is_refused(account: Session) -> None:
    """It would be taken for this one's."""
    make_group(account, "sessions")
    client: Any = account.act
    client.create_snapshot(SnapshotName="one", ReplicationGroupId="sessions")
    make_group(account)

    with pytest.raises(RefusedError, match="there is a snapshot one of sessions already"):
        take(account)


def test_a_digest_that_cannot_be_read_is_said_and_the_snapshot_is_taken_all_the_same(account: Session) -> None:
    """Without engines nobody is there to be read, and the tag does not pretend."""
    make_group(account)

    take(account, digest=Access())

    client: Any = account.ask
    tags = client.list_tags_for_resource(ResourceName=snapshot.named(account, "one").arn)["TagList"]
    assert tags == [{"Key": TAG, "Value": "not read"}]
    assert snapshot.tagged_digest(account, snapshot.named(account, "one").arn) is None


def test_without_a_digest_no_tag_is_set(account: Session) -> None:
    """The control."""
    make_group(account)
    take(account)

    client: Any = account.ask
    assert client.list_tags_for_resource(ResourceName=snapshot.named(account, "one").arn)["TagList"] == []


def test_the_twenty_first_in_a_day_is_refused(account: Session) -> None:
    """AWS takes 20; one that is older than a day does not count."""
    make_group(account)
    group = replication_group(account, "orders")
    day = [replace(TAKEN, name=f"of-{hour}", created=NOW - timedelta(hours=hour)) for hour in range(20)]

    with pytest.raises(RefusedError, match="20 manual snapshots were taken in 24 hours"):
        backup.create(group, "next", day, NOW)

    older = [*day[:19], replace(day[19], created=NOW - timedelta(hours=25))]
    assert backup.create(group, "next", older, NOW).steps


@pytest.mark.parametrize(("name", "doubtful"), [("two--hyphens", True), ("ends-", True), ("one", False)])
def test_a_doubtful_name_is_noted(account: Session, name: str, doubtful: bool) -> None:
    """No page of AWS is sure about it, so the rulebook warns."""
    make_group(account)

    planned = backup.create(replication_group(account, "orders"), name, (), NOW)

    assert any("bk-name-format" in note for note in planned.notes) is doubtful


def test_a_copy_is_made_once(account: Session) -> None:
    """And holds what the first one does."""
    make_group(account)
    take(account)
    first = backup.copy(snapshot.named(account, "one"), "two", snapshot.find(account, "two"))
    execution.run(first, account, lambda _: None)

    second = backup.copy(snapshot.named(account, "one"), "two", snapshot.find(account, "two"))

    assert names(account) == ["one", "two"]
    assert second.steps == ()


def test_a_failed_snapshot_is_not_copied() -> None:
    """What goes on is waited for, what has failed is refused."""
    with pytest.raises(RefusedError, match="'failed', from which it does not become 'available'"):
        backup.copy(replace(TAKEN, status="failed"), "two", None)

    waiting = backup.copy(replace(TAKEN, status="creating"), "two", None)
    assert [type(step).__name__ for step in waiting.steps] == ["Wait", "Call", "Wait"]


def test_the_newest_stay() -> None:
    """Whatever their age, and the oldest go first."""
    assert deleted(backup.prune("orders", of_days(1, 2, 3, 4), NOW, keep=2)) == ["of-4", "of-3"]


def test_what_is_young_stays() -> None:
    """Both conditions must hold."""
    planned = backup.prune("orders", of_days(1, 2, 30, 40), NOW, keep=1, older_than=timedelta(days=10))

    assert deleted(planned) == ["of-40", "of-30"]


def test_neither_automatic_snapshots_nor_those_of_others_go() -> None:
    """AWS removes the first itself."""
    present = [*of_days(1, source="automated"), *of_days(2, replication_group_id="sessions")]

    assert deleted(backup.prune("orders", present, NOW, keep=0)) == []


def test_what_has_failed_goes() -> None:
    """It holds nothing."""
    assert deleted(backup.prune("orders", of_days(1, status="failed"), NOW, keep=5)) == ["of-1"]


def test_pruned_snapshots_are_gone(account: Session) -> None:
    """And a plan that was run before passes over what is gone."""
    make_group(account)
    take(account)
    planned = backup.prune("orders", snapshot.observe(account), datetime.now(UTC), keep=0)

    moments: list[str] = []
    for _ in range(2):
        execution.run(planned, account, lambda notice: moments.append(notice.moment))

    assert names(account) == []
    assert moments == ["begun", "done", "skipped"]


def test_with_moto_alone_snapshots_are_taken_and_removed(moto_alone: Session) -> None:
    """It has these operations."""
    api = moto_alone
    make_group(api)

    take(api)
    before = names(api)
    planned = backup.prune("orders", snapshot.observe(api), datetime.now(UTC), keep=0)
    execution.run(planned, api, lambda _: None)

    assert (before, names(api)) == (["one"], [])
