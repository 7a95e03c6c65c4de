"""Global datastores over two Regions, inside this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import execution, global_datastore, inventory
from tests.ops.completed import make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.global_datastore import GlobalDatastore
    from elasticache_kit.ops.session import Session

HERE, FAR = "us-east-1", "eu-west-1"


@pytest.fixture
def datastore(account: Session) -> GlobalDatastore:
    """A global datastore with its primary here and a secondary far away."""
    make_sharded(account, "here")
    client, other = account.act, account.elsewhere(FAR).act
    made: Any = client.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="here"
    )["GlobalReplicationGroup"]
    name = made["GlobalReplicationGroupId"]
    other.create_replication_group(
        ReplicationGroupId="there", ReplicationGroupDescription="of a test", GlobalReplicationGroupId=name
    )
    return global_datastore.observe(account, name)


def observe(account: Session, datastore: GlobalDatastore) -> GlobalDatastore:
    """Look again."""
    return global_datastore.observe(account, datastore.global_replication_group_id)


def test_the_primary_comes_first(datastore: GlobalDatastore) -> None:
    """With Region and role."""
    assert [(item.region, item.role) for item in datastore.members] == [(HERE, "PRIMARY"), (FAR, "SECONDARY")]


def test_roles_are_exchanged_once(account: Session, datastore: GlobalDatastore) -> None:
    """The second plan has nothing left to do."""
    execution.run(global_datastore.failover(datastore, FAR), account, lambda _: None)

    after = observe(account, datastore)
    assert [(item.region, item.role) for item in after.members] == [(FAR, "PRIMARY"), (HERE, "SECONDARY")]
    assert global_datastore.failover(after, FAR).steps == ()


def test_a_secondary_stands_alone(account: Session, datastore: GlobalDatastore) -> None:
    """It is a member of nothing then."""
    execution.run(global_datastore.promote(datastore, FAR), account, lambda _: None)

    assert observe(account, datastore).member(FAR) is None
    assert inventory.replication_group(account.elsewhere(FAR), "there").global_replication_group_id is None


def test_a_run_that_was_interrupted_goes_on(account: Session, datastore: GlobalDatastore) -> None:
    """The same plan a second time calls nothing."""
    planned = global_datastore.promote(datastore, FAR)
    moments: list[str] = []
    for _ in range(2):
        execution.run(planned, account, lambda notice: moments.append(notice.moment))

    assert moments[4:] == ["skipped", "begun", "done"]


@pytest.mark.parametrize("operation", [global_datastore.failover, global_datastore.promote])
def test_a_region_without_a_member_is_refused(datastore: GlobalDatastore, operation: Any) -> None:
    """With those that have one."""
    with pytest.raises(RefusedError, match=r"it has us-east-1 \(primary\), eu-west-1 \(secondary\)"):
        operation(datastore, "us-west-2")


def test_the_primary_does_not_leave(datastore: GlobalDatastore) -> None:
    """It takes writes already."""
    with pytest.raises(RefusedError, match="here in us-east-1 is the primary"):
        global_datastore.promote(datastore, HERE)


def test_what_goes_on_is_waited_for_and_what_failed_is_refused(datastore: GlobalDatastore) -> None:
    """By the status."""
    waiting = global_datastore.failover(replace(datastore, status="modifying"), FAR)

    assert type(waiting.steps[0]).__name__ == "Wait"
    with pytest.raises(RefusedError, match="its status is 'deleting'"):
        global_datastore.failover(replace(datastore, status="deleting"), FAR)


def test_an_unknown_one_is_answered_with_those_that_exist(account: Session, datastore: GlobalDatastore) -> None:
    """A typo is seen at a glance."""
    with pytest.raises(NotFoundError, match=f"there are: {datastore.global_replication_group_id}"):
        global_datastore.observe(account, "ldgnf-wolrd")


def test_its_members_are_not_changed_one_by_one(account: Session, datastore: GlobalDatastore) -> None:
    """A member says which global datastore it belongs to."""
    del datastore
    member = inventory.replication_group(account, "here")

    assert (member.global_replication_group_id is not None, member.global_role) == (True, "primary")
