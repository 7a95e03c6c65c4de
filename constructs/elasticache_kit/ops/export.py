"""Snapshots in S3: export in the Region, and copies in another one, which ElastiCache seeds a new group from.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import snapshot
from elasticache_kit.ops.plan import Act, Call, Plan, Say, Seen, State, Step, Wait
from elasticache_kit.ops.session import Session, code, reaching
from elasticache_kit.ops.snapshot import TIMEOUT_SECONDS, Snapshot

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

_ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchBucket"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the objects of a snapshot do not say themselves; it lies beside them as `<name>.json`.

    Args:
        bucket: where they are.
        name: the name of the export.
        engine: `valkey` or `redis`.
        engine_version: the version that wrote them.
        cache_node_type: the node type of the cache.
        slots: the slots of each object, in their order; None each without cluster mode.
        digest: the digest that the snapshot bears; None where it bears none.
    """

    bucket: str
    name: str
    engine: str
    engine_version: str
    cache_node_type: str
    slots: tuple[str | None, ...]
    digest: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The objects."""
        return objects(self.name, len(self.slots))

    @property
    def arns(self) -> tuple[str, ...]:
        """The objects as CreateReplicationGroup takes them."""
        return tuple(f"arn:aws:s3:::{self.bucket}/{key}" for key in self.keys)


def objects(name: str, count: int) -> tuple[str, ...]:
    """Return what ElastiCache calls the objects of an export."""
    return tuple(f"{name}-{number:04}.rdb" for number in range(1, count + 1))


def bucket_region(session: Session, bucket: str) -> str:
    """Return the Region of a bucket.

    Raises:
        NotFoundError: there is no such bucket.
        ConnectionFailedError: S3 cannot be reached, or does not permit it.
    """
    with reaching():
        try:
            answer: dict[str, str | None] = session.reading("s3").get_bucket_location(Bucket=bucket)
        except ClientError as error:
            if code(error) not in _ABSENT:
                raise
            raise NotFoundError(f"there is no bucket {bucket!r} in S3: make it, or name another") from error
    # The oldest Region has no name of its own there, and one more has an old one.
    place = answer.get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if place == "EU" else place


def plan(
    source: Snapshot,
    name: str,
    bucket: str,
    *,
    region: str,
    bucket_region: str,
    onward: tuple[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan the export of a snapshot to a bucket, and on to a bucket of another Region.

    Args:
        source: the snapshot.
        name: what the objects are called.
        bucket: the bucket, in the Region of the snapshot, that ElastiCache may write to.
        region: the Region of the snapshot.
        bucket_region: the Region of the bucket.
        onward: another bucket and its Region, that the objects are copied to; none when omitted.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be exported; the message has every reason.
    """
    operation = f"export of snapshot {source.name} to s3://{(onward or (bucket,))[0]}/{name}"
    reasons = snapshot.usable(source)
    if bucket_region != region:
        reasons.append(
            f"the bucket {bucket} is in {bucket_region}, and ElastiCache exports within {region} only: name a bucket "
            "there, and the other one to copy on to"
        )
    if "r6gd" in source.cache_node_type:
        reasons.append("a snapshot of a group with data tiering is not exported by AWS: restore it into r6gd instead")
    if reasons:
        raise RefusedError(operation, reasons)
    keys = objects(name, len(source.shards))
    call = (("SourceSnapshotName", source.name), ("TargetSnapshotName", name), ("TargetBucket", bucket))
    there = _objects_there(bucket, keys)
    steps: list[Step] = [
        *snapshot.beginning(source, timeout_seconds),
        Call("CopySnapshot", call, done=there),
        Wait(there, timeout_seconds),
        Wait(snapshot.available(source.name), timeout_seconds),
        _manifest(source, name, bucket),
    ]
    if onward:
        steps += [_copy(bucket, key, *onward) for key in (*keys, _manifest_key(name))]
    notes = (
        "who may read the bucket reads the data: keep it private, and remove the objects when they have served",
        "ElastiCache must be allowed to write to the bucket, see AWS's page on exports",
    )
    return Plan(operation, tuple(steps), notes)


def manifest(session: Session, bucket: str, name: str) -> Manifest:
    """Read what lies beside the objects of an export.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: S3 cannot be reached, or does not permit it.
    """
    with reaching():
        try:
            body = session.reading("s3").get_object(Bucket=bucket, Key=_manifest_key(name))["Body"].read()
        except ClientError as error:
            if code(error) not in _ABSENT:
                raise
            raise NotFoundError(
                f"there is no {_manifest_key(name)} in the bucket {bucket!r}: exports of this kit write it beside the "
                "objects"
            ) from error
    record: dict[str, Any] = json.loads(body)
    slots = tuple(record.pop("slots"))
    # Where it lies now, and not where it was written.
    record["bucket"] = bucket
    return Manifest(slots=slots, **record)


def _manifest_key(name: str) -> str:
    return f"{name}.json"


def _manifest(source: Snapshot, name: str, bucket: str) -> Act:
    def act(session: Session, _say: Say, _clock: Clock) -> None:
        record = {
            "bucket": bucket,
            "name": name,
            "engine": source.engine,
            "engine_version": source.engine_version,
            "cache_node_type": source.cache_node_type,
            "slots": [shard.slots for shard in source.shards],
            "digest": snapshot.tagged_digest(session, source.arn),
        }
        body = json.dumps(record).encode()
        with reaching():
            session.changing("s3").put_object(Bucket=bucket, Key=_manifest_key(name), Body=body)

    return Act(f"write {_manifest_key(name)}, which says the slots of each object, to {bucket}", act)


def _copy(bucket: str, key: str, to: str, region: str) -> Act:
    def act(session: Session, _say: Say, _clock: Clock) -> None:
        # In parts where it is large, which one CopyObject does not take.
        with reaching():
            session.changing("s3", region).copy(
                {"Bucket": bucket, "Key": key}, to, key, SourceClient=session.reading("s3")
            )

    return Act(f"copy s3://{bucket}/{key} to s3://{to}/{key} in {region}", act, _objects_there(to, (key,), region))


def _objects_there(bucket: str, keys: tuple[str, ...], region: str | None = None) -> State:
    def look(session: Session) -> Seen:
        client = session.reading("s3", region)
        found = 0
        for key in keys:
            try:
                with reaching():
                    client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if code(error) not in _ABSENT:
                    raise
            else:
                found += 1
        return Seen(found == len(keys), f"{found} of {len(keys)} objects in {bucket}")

    return State(f"{', '.join(keys)} in the bucket {bucket}", look)
