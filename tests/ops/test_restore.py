"""Restoring a snapshot into a new group, of the same or another shape, inside this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import execution, restore, seed, snapshot
from elasticache_kit.ops.content import Access, Comparison
from elasticache_kit.ops.export import Manifest
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Call, Deferred, Plan
from elasticache_kit.ops.restore import Shape
from elasticache_kit.ops.seed import Seed
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

SOURCE = Seed(
    "one", {"SnapshotName": "one"}, "valkey", "8.1", "cache.m7g.large", (None,), 1,
    {"TransitEncryptionEnabled": True, "AtRestEncryptionEnabled": True, "CacheSubnetGroupName": "net"},
)  # fmt: skip


def take(api: Session, group: str = "orders") -> Seed:
    """Take a snapshot of a group and look at it."""
    client: Any = api.act
    client.create_snapshot(SnapshotName="one", ReplicationGroupId=group)
    return seed.from_snapshot(api, snapshot.named(api, "one"))


def make(api: Session, source: Seed, **shape: Any) -> ReplicationGroup:
    """Restore into `new` and return it."""
    planned = restore.plan(source, "new", Shape(**shape), restore.restored_from(api, "new"))
    execution.run(planned, api, lambda _: None)
    return replication_group(api, "new")


def request(planned: Plan) -> dict[str, Any]:
    """Return the members of the call that makes the group."""
    call = planned.steps[0]
    assert isinstance(call, Call)
    return dict(call.parameters)


def test_a_group_comes_back_as_it_was(account: Session) -> None:
    """Node groups, replicas, engine and settings of the group that the snapshot was taken of."""
    make_sharded(account, count=2, SnapshotRetentionLimit=5)

    new = make(account, take(account))

    old = replication_group(account, "orders")
    assert [item.slots for item in new.node_groups] == [item.slots for item in old.node_groups]
    assert [len(item.members) for item in new.node_groups] == [2, 2]
    assert (new.engine_version, new.snapshot_retention_limit, new.multi_az) == ("8.1", 5, "enabled")


def test_a_group_comes_back_in_another_shape(account: Session) -> None:
    """More node groups with slots spread evenly, more replicas, larger nodes."""
    make_sharded(account, count=2)

    new = make(account, take(account), num_node_groups=3, replicas=2, cache_node_type="cache.m7g.xlarge")

    assert [item.slots for item in new.node_groups] == ["0-5461", "5462-10922", "10923-16383"]
    assert [len(item.members) for item in new.node_groups] == [3, 3, 3]
    assert new.cache_node_type == "cache.m7g.xlarge"


def test_a_group_without_cluster_mode_goes_into_one_with_it(account: Session) -> None:
    """AWS's own parameter group follows."""
    make_group(account)

    new = make(account, take(account), num_node_groups=2)

    assert (new.cluster_mode, new.parameter_group) == ("enabled", "default.valkey8.cluster.on")


def test_a_second_run_waits_for_what_the_first_has_begun(account: Session) -> None:
    """It makes no second group."""
    make_group(account)
    source = take(account)
    make(account, source)
    planned = restore.plan(source, "new", Shape(), restore.restored_from(account, "new"))
    moments: list[str] = []

    execution.run(planned, account, lambda notice: moments.append(notice.moment))

    assert moments == ["skipped", "begun", "done"]


def test_a_group_of_that_name_from_something_else_is_refused(account: Session) -> None:
    """Its data would be taken for restored ones."""
    make_group(account)
    source = take(account)

    with pytest.raises(RefusedError, match="there is a replication group orders already, from something else"):
        restore.plan(source, "orders", Shape(), restore.restored_from(account, "orders"))


def test_a_source_that_is_gone_is_restored_secure() -> None:
    """TLS and encryption at rest where nothing else is known."""
    made = request(restore.plan(SOURCE, "new", Shape(), None))

    assert (made["TransitEncryptionEnabled"], made["AtRestEncryptionEnabled"]) == (True, True)
    assert (made["NumCacheClusters"], made["AutomaticFailoverEnabled"], made["MultiAZEnabled"]) == (2, True, True)


def test_without_replicas_nothing_asks_for_failover() -> None:
    """AWS would refuse it."""
    made = request(restore.plan(SOURCE, "new", Shape(replicas=0), None))

    assert (made["NumCacheClusters"], made["AutomaticFailoverEnabled"], made["MultiAZEnabled"]) == (1, False, False)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"replicas": 9}, "num_cache_clusters = 10"),
        ({"engine_version": "7.2", "cache_node_type": "cache.m1.small"}, "cache.m1.small"),
        ({"num_node_groups": 3, "parameter_group": "default.valkey8"}, "default.valkey8"),
    ],
)
def test_what_the_rulebook_forbids_is_refused(shape: dict[str, Any], reason: str) -> None:
    """Before anything is made."""
    with pytest.raises(RefusedError) as caught:
        restore.plan(SOURCE, "new", Shape(**shape), None)

    assert any(reason in item for item in caught.value.reasons), caught.value.reasons


def test_a_source_with_an_auth_token_needs_one() -> None:
    """A copy of the data that lets everybody in would be a leak; the text of the token is not in the plan."""
    with pytest.raises(RefusedError, match="--auth-token-secret"):
        restore.plan(replace(SOURCE, auth_token=True), "new", Shape(), None)

    token = Deferred("the secret orders, AWSCURRENT", lambda _: "never called")
    made = request(restore.plan(replace(SOURCE, auth_token=True), "new", Shape(), None, auth_token=token))
    assert made["AuthToken"] is token


def test_an_export_in_s3_says_the_slots_of_each_object() -> None:
    """Which ElastiCache asks for in cluster mode."""
    exported = Manifest("bucket", "one", "valkey", "8.1.0", "cache.m7g.large", ("0-8191", "8192-16383"))

    made = request(restore.plan(seed.from_export(exported), "new", Shape(cache_subnet_group_name="net"), None))

    assert made["SnapshotArns"] == ["arn:aws:s3:::bucket/one-0001.rdb", "arn:aws:s3:::bucket/one-0002.rdb"]
    assert [item["Slots"] for item in made["NodeGroupConfiguration"]] == ["0-8191", "8192-16383"]


def test_a_digest_that_is_missing_is_said(account: Session) -> None:
    """On either side; nothing is called the same that was not compared."""
    make_group(account)
    comparison = Comparison()
    planned = restore.plan(take(account), "new", Shape(), None, digest=Access(), comparison=comparison)

    execution.run(planned, account, lambda _: None)

    assert comparison.verdict.startswith("not compared: ")


def test_a_digest_that_differs_fails(account: Session) -> None:
    """The last step raises; the control is the same digest."""
    make_group(account)
    same, other = Comparison(after="2 keys aa"), Comparison(after="1 keys bb")
    for comparison in (same, other):
        planned = restore.plan(
            replace(SOURCE, digest="2 keys aa"), "new", Shape(), None, digest=Access(), comparison=comparison
        )
        compare = replace(planned, steps=planned.steps[-1:])
        if comparison is same:
            execution.run(compare, account, lambda _: None)
        else:
            with pytest.raises(RefusedError, match="the group holds 1 keys bb, and the snapshot bears 2 keys aa"):
                execution.run(compare, account, lambda _: None)
    assert (same.verdict, other.verdict.split(":")[0]) == ("the same", "DIFFERENT")


def test_with_moto_alone_a_group_is_restored(moto_alone: Session) -> None:
    """It has the operations, if not the data."""
    api = moto_alone
    make_group(api)
    source = take(api)

    execution.run(restore.plan(source, "new", Shape(), None), api, lambda _: None)

    assert replication_group(api, "new").status == "available"
