"""Snapshot API: how ElastiCache names what is done with the snapshots of each kind of cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotApi:
    """The operations, parameters and fields of one kind of cache, in the words of its API.

    Args:
        create: the operation that takes a snapshot.
        describe: the operation that describes snapshots.
        export: the operation that copies one to a bucket.
        delete: the operation that deletes one.
        noun: what its errors call a snapshot.
        busy: the errors that say that the cache is busy with something else.
        snapshots: the field of the description that lists the snapshots.
        name: the parameter and the field that name a snapshot.
        status: the field with its status.
        source: the parameter that names the cache; None where it has to be found out which node to name.
        exported: the parameter of the export that names the snapshot.
        target: the other parameters of the export.
        page: the parameters that ask for a page of all snapshots.
        marker: the parameter and the field that lead to the next page.
        parts: the field with one item for each exported file; None where AWS does not say how the files are called.
    """

    create: str
    describe: str
    export: str
    delete: str
    noun: str
    busy: tuple[str, ...]
    snapshots: str
    name: str
    status: str
    source: str | None
    exported: str
    target: Mapping[str, str]
    page: Mapping[str, str | int]
    marker: str
    parts: str | None


NODE_BASED = SnapshotApi(
    create="createSnapshot",
    describe="describeSnapshots",
    export="copySnapshot",
    delete="deleteSnapshot",
    noun="Snapshot",
    busy=("InvalidReplicationGroupState", "InvalidCacheClusterState"),
    snapshots="Snapshots",
    name="SnapshotName",
    status="SnapshotStatus",
    source=None,
    exported="SourceSnapshotName",
    target={"TargetSnapshotName": "{% $name %}", "TargetBucket": "${Bucket}"},
    page={"SnapshotSource": "user", "MaxRecords": 50},
    marker="Marker",
    parts="NodeSnapshots",
)

SERVERLESS = SnapshotApi(
    create="createServerlessCacheSnapshot",
    describe="describeServerlessCacheSnapshots",
    export="exportServerlessCacheSnapshot",
    delete="deleteServerlessCacheSnapshot",
    noun="ServerlessCacheSnapshot",
    busy=("InvalidServerlessCacheState",),
    snapshots="ServerlessCacheSnapshots",
    name="ServerlessCacheSnapshotName",
    status="Status",
    source="ServerlessCacheName",
    exported="ServerlessCacheSnapshotName",
    target={"S3BucketName": "${Bucket}"},
    page={"ServerlessCacheName": "${Cache}", "MaxResults": 50},
    marker="NextToken",
    parts=None,
)
