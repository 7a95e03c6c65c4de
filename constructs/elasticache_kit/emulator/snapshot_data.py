"""The data of snapshots: RDB files beside the engines, and objects in the S3 of the same account."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fault import invalid_value

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.snapshot import NodeSnapshot, Snapshot

# The only shard of what has no shards.
ONLY = "0001"


def write(fleet: Fleet, key: str, taken: Snapshot) -> tuple[NodeSnapshot, ...]:
    """Write what the engines of a cache hold, and return the snapshot's nodes with their files.

    Args:
        fleet: the engines.
        key: the cache.
        taken: the snapshot that is taken of it.

    Raises:
        EmulatorError: a shard has no primary that lives, or a node could not write.
    """
    files = fleet.snapshot(key, directory(fleet, taken.arn))
    return tuple(dataclasses.replace(node, data=files[node.node_group_id or ONLY]) for node in taken.nodes)


def copies(files: Sequence[Path], arn: str) -> tuple[Path, ...]:
    """Copy the files of a snapshot for a snapshot of another ARN."""
    fleet = runtime.current().fleet
    if fleet is None or not files:
        return ()
    target = directory(fleet, arn)
    target.mkdir(parents=True, exist_ok=True)
    return tuple(Path(shutil.copy2(file, target / file.name)) for file in files)


def forget(arn: str) -> None:
    """Remove the files of a snapshot; nothing happens where it has none."""
    if fleet := runtime.current().fleet:
        shutil.rmtree(directory(fleet, arn), ignore_errors=True)


def export(region: Region, files: Sequence[Path], bucket: str, name: str) -> None:
    """Put the data of a snapshot into a bucket: `<name>-0001.rdb` and so on, one object for each shard.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html
    """
    for number, file in enumerate(files, start=1):
        _store(region).put_object(bucket, f"{name}-{number:04}.rdb", file.read_bytes())


def refuse_bucket(region: Region, name: str) -> None:
    """Refuse a bucket that is not there.

    Raises:
        Fault: InvalidParameterValue.
    """
    try:
        _store(region).head_bucket(name)
    except ServiceException as error:
        raise invalid_value(f"The S3 bucket {name} does not exist in this account.") from error


def fetch(region: Region, arns: Sequence[str], cache_arn: str) -> tuple[Path, ...]:
    """Write objects of S3 to files, for engines that start with them.

    Args:
        region: where the cache is.
        arns: the ARNs of the objects, `arn:aws:s3:::bucket/folder/file.rdb`.
        cache_arn: the cache that starts with them.

    Raises:
        Fault: InvalidParameterValue for an object that is not there or is no RDB file.
    """
    fleet = runtime.current().fleet
    contents = [_object(region, arn) for arn in arns]
    if fleet is None:
        return ()
    target = directory(fleet, cache_arn)
    target.mkdir(parents=True, exist_ok=True)
    files = [target / f"{number:04}.rdb" for number, _ in enumerate(contents, start=1)]
    for file, content in zip(files, contents, strict=True):
        file.touch(mode=0o600)
        file.write_bytes(content)
    return tuple(files)


def directory(fleet: Fleet, arn: str) -> Path:
    """Return where the files of a snapshot are."""
    return fleet.directory / "snapshots" / quote(arn, safe="")


def _object(region: Region, arn: str) -> bytes:
    bucket, _, key = arn.rpartition(":")[2].partition("/")
    try:
        found: Any = _store(region).get_object(bucket, key)
    except ServiceException:
        found = None
    if found is None:
        raise invalid_value(f"SnapshotArns: there is no object {arn} in the S3 of this account.")
    content = bytes(found.value)
    if not content.startswith((b"REDIS", b"VALKEY")):
        raise invalid_value(f"SnapshotArns: {arn} is no RDB file.")
    return content


def _store(region: Region) -> Any:
    partition = region.arn("x", "x").split(":")[1]
    return get_backend("s3")[region.account_id][partition]
