"""Rules of the data that a replication group starts with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_SOURCES = (
    "snapshot_name",
    "snapshot_arns",
    "serverless_cache_snapshot_name",
    "primary_cluster_id",
    "global_replication_group_id",
)
_OBJECT = re.compile(r"arn:[a-z0-9-]+:s3:::[^/,]+/[^,]+")
_REDIS_THAT_READS_VALKEY = "7.1"


def one_source(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-restore-sources."""
    given = [name for name in _SOURCES if isinstance(getattr(spec, name), str | tuple) and getattr(spec, name)]
    for name in given[1:]:
        yield Finding(
            name, getattr(spec, name), f"the data come from {given[0]} already", "name one source of the data"
        )


def snapshot_arns(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-snapshot-arns-no-comma."""
    for index, arn in enumerate(known(spec.snapshot_arns) or ()):
        if isinstance(arn, str) and not _OBJECT.fullmatch(arn):
            fault = "the name of the object holds a comma" if "," in arn else "it is not the ARN of an object in S3"
            yield Finding(
                f"snapshot_arns[{index}]", arn, fault, "name the object as in arn:aws:s3:::bucket/folder/snapshot.rdb"
            )


def slots_for_seed(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-slots-for-s3-seed."""
    if not known(spec.snapshot_arns) or not effective.cluster_mode_enabled(spec):
        return
    configuration = known(spec.node_group_configuration)
    if not configuration:
        yield Finding(
            "node_group_configuration",
            configuration,
            "data from S3 need the slots of every shard",
            "describe every shard in node_group_configuration, with its slots",
        )
    for index, node_group in enumerate(configuration or ()):
        if node_group.slots is None:
            yield Finding(
                f"node_group_configuration[{index}].slots",
                None,
                "data from S3 need the slots of every shard",
                "give the slots that the snapshot of this shard holds",
            )


def shards(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-restore-shards."""
    taken = known(spec.snapshot_num_node_groups)
    if taken is None or known(spec.snapshot_name) is None or known(spec.node_group_configuration):
        return
    asked = known(spec.num_node_groups)
    if asked is None:
        if known(spec.num_cache_clusters) is None:
            return
        asked = 1
    if asked != taken:
        yield Finding(
            "num_node_groups",
            spec.num_node_groups,
            f"the snapshot has {taken} shards, and the group {asked}",
            f"set num_node_groups to {taken}, or give the slots of every shard in node_group_configuration",
        )


def tiered_snapshot(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """bk-r6gd."""
    name = known(spec.snapshot_cache_node_type)
    if name is None:
        return
    try:
        taken_from, node_type = NodeType.of(name), effective.node_type(spec)
    except ValidationError:
        raise UndecidedError from None
    if taken_from.supports("data_tiering") and node_type.known and not node_type.supports("data_tiering"):
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"the snapshot was taken from {name}, and a snapshot of r6gd goes back to r6gd only",
            "take an r6gd node type",
        )


def snapshot_engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """bk-restore-engine."""
    taken_from = known(spec.snapshot_engine)
    if taken_from is None:
        return
    engine = effective.engine(spec)
    if taken_from == Engine.MEMCACHED:
        yield Finding("engine", engine, "the snapshot is of memcached", f"take a snapshot of {engine}")
    elif (taken_from, engine) == (Engine.VALKEY, Engine.REDIS):
        version = effective.version(spec)
        if version.version != _REDIS_THAT_READS_VALKEY:
            yield Finding(
                "engine",
                engine,
                f"the snapshot is of valkey, which goes to redis {_REDIS_THAT_READS_VALKEY} only, not {version}",
                "take engine='valkey'",
            )


def snapshotting_cluster(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-snapshotting-cluster-cmd-only."""
    if known(spec.snapshotting_cluster_id) is not None and effective.cluster_mode_enabled(spec):
        yield Finding(
            "snapshotting_cluster_id",
            spec.snapshotting_cluster_id,
            "in cluster mode ElastiCache chooses the nodes that snapshots are taken of",
            "leave it out",
        )


CHECKS = {
    "rg-restore-sources": one_source,
    "rg-snapshot-arns-no-comma": snapshot_arns,
    "rg-slots-for-s3-seed": slots_for_seed,
    "rg-restore-shards": shards,
    "bk-r6gd": tiered_snapshot,
    "bk-restore-engine": snapshot_engine,
    "rg-snapshotting-cluster-cmd-only": snapshotting_cluster,
}
