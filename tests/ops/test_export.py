"""Exports to S3 and on to another Region; that ElastiCache writes the objects is a contract scenario with engines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import execution, export
from elasticache_kit.ops.snapshot import Shard, Snapshot
from tests.ops.completed import make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

SHARDS = (Shard("0001", "0-8191", 1, ""), Shard("0002", "8192-16383", 1, ""))
SHARDED = Snapshot(
    "one", "available", "manual", "orders", None, "valkey", "8.1", "cache.m7g.large", None, None, True,
    None, SHARDS, "",
)  # fmt: skip


@pytest.fixture
def s3(account: Session) -> Any:
    """A client of S3, with a bucket here and one far away."""
    client: Any = account.changing("s3")
    client.create_bucket(Bucket="here")
    client.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def steps(**more: Any) -> list[str]:
    """Return the kinds of the steps of an export."""
    planned = export.plan(SHARDED, "one", "here", region="us-east-1", bucket_region="us-east-1", **more)
    return [str(step).split(" with ")[0].split(",")[0] for step in planned.steps]


def test_the_plan_waits_for_every_object() -> None:
    """One for each node group, and what says their slots beside them."""
    assert steps() == [
        "call CopySnapshot",
        "wait until one-0001.rdb",
        "wait until the snapshot one is available",
        "write one.json",
    ]


def test_onward_every_object_is_copied() -> None:
    """The manifest comes last: who sees it can restore."""
    assert steps(onward=("far", "eu-west-1"))[4:] == [
        "copy s3://here/one-0001.rdb to s3://far/one-0001.rdb in eu-west-1",
        "copy s3://here/one-0002.rdb to s3://far/one-0002.rdb in eu-west-1",
        "copy s3://here/one.json to s3://far/one.json in eu-west-1",
    ]


def test_objects_reach_the_other_region_and_say_their_slots(account: Session, s3: Any) -> None:
    """What ElastiCache has written already is not asked for again; a second run copies nothing."""
    make_sharded(account, count=2)
    client: Any = account.act
    client.create_snapshot(SnapshotName="one", ReplicationGroupId="orders")
    for number in (1, 2):
        s3.put_object(Bucket="here", Key=f"one-000{number}.rdb", Body=b"REDIS")
    taken = replace(SHARDED, arn=client.describe_snapshots(SnapshotName="one")["Snapshots"][0]["ARN"])
    planned = export.plan(
        taken, "one", "here", region="us-east-1", bucket_region="us-east-1", onward=("far", "eu-west-1")
    )

    moments: list[str] = []
    for _ in range(2):
        execution.run(planned, account, lambda notice: moments.append(notice.moment))

    found = export.manifest(account, "far", "one")
    assert found.arns == ("arn:aws:s3:::far/one-0001.rdb", "arn:aws:s3:::far/one-0002.rdb")
    assert found.slots == ("0-8191", "8192-16383")
    assert s3.get_object(Bucket="far", Key="one-0002.rdb")["Body"].read() == b"REDIS"
    assert moments.count("skipped") == 1 + 1 + 3


def test_a_bucket_elsewhere_is_refused() -> None:
    """With the way around it."""
    with pytest.raises(RefusedError, match="exports within us-east-1 only"):
        export.plan(SHARDED, "one", "far", region="us-east-1", bucket_region="eu-west-1")


def test_data_tiering_is_refused() -> None:
    """AWS exports none."""
    tiered = replace(SHARDED, cache_node_type="cache.r6gd.xlarge")

    with pytest.raises(RefusedError, match="data tiering"):
        export.plan(tiered, "one", "here", region="us-east-1", bucket_region="us-east-1")


def test_the_region_of_a_bucket_is_known(account: Session, s3: Any) -> None:
    """The oldest one has no name in S3."""
    del s3
    assert [export.bucket_region(account, name) for name in ("here", "far")] == ["us-east-1", "eu-west-1"]
    with pytest.raises(NotFoundError, match="there is no bucket 'none'"):
        export.bucket_region(account, "none")


def test_what_is_no_export_is_said(account: Session, s3: Any) -> None:
    """Objects of another hand have no manifest."""
    del s3
    with pytest.raises(NotFoundError, match=r"there is no one\.json in the bucket 'here'"):
        export.manifest(account, "here", "one")
