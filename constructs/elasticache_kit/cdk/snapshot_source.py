"""SnapshotSource: the data that a new replication group starts with."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, cast

from aws_cdk import Stack
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.interfaces.aws_s3 import IBucketRef

from elasticache_kit.cdk.argument import at_synth, typed
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.snapshot import ISnapshot
from elasticache_kit.cdk.token import is_token
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.topology import replica_counts
from elasticache_kit.model.unknown import UndecidedError


class SnapshotSource(ABC):
    """Where a new replication group takes its first data from; make one with `from_snapshot` or one of the others.

    It matters when the group is created and never after. A change of it, its removal too, replaces the group.
    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
    """

    @staticmethod
    @typed
    def from_snapshot(snapshot: ISnapshot) -> "SnapshotSource":
        """Start with a snapshot that is made in this app or imported."""
        return _OfSnapshot(snapshot)

    @staticmethod
    @typed
    def from_snapshot_name(snapshot_name: str) -> "SnapshotSource":
        """Start with a snapshot of this account and Region, by its name."""
        return _OfName(snapshot_name)

    @staticmethod
    @typed
    def from_bucket(bucket: IBucketRef, object_keys: Sequence[str]) -> "SnapshotSource":
        """Start with RDB files in a bucket of the same Region, those of an exported snapshot for example.

        A bucket that is made in this app, and its key, let ElastiCache read. Of an imported bucket the policy must
        already let the service `<Region>.elasticache-snapshot.amazonaws.com` do s3:GetObject, s3:ListBucket and
        s3:GetBucketAcl, and that of its key kms:Decrypt and kms:DescribeKey. A bucket key must be off.
        See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-seeding-redis.html

        Args:
            bucket: the bucket.
            object_keys: the files in it, without commas; one for each shard that was saved.

        Raises:
            ValidationError: no file is named.
        """
        if not object_keys:
            raise ValidationError(
                "SnapshotSource.from_bucket: object_keys is empty; name the RDB files, a key for each"
            )
        return _OfBucket(bucket, tuple(object_keys))

    @staticmethod
    def from_serverless_cache_snapshot(name: str) -> NoReturn:
        """Refuse, and say how else: CloudFormation has no property for the snapshot of a serverless cache.

        Raises:
            ValidationError: always.
        """
        raise ValidationError(
            f"AWS::ElastiCache::ReplicationGroup takes no snapshot of a serverless cache, got {name!r}; export it with "
            "`aws elasticache export-serverless-cache-snapshot` to a bucket, and take SnapshotSource.from_bucket"
        )

    @abstractmethod
    def described(self, spec: ReplicationGroupSpec) -> ReplicationGroupSpec:
        """Add what is known of it to the rulebook's description of the group."""

    @abstractmethod
    def properties(self) -> dict[str, Any]:
        """Return the properties of CloudFormation that name it."""

    def allow(self, group: elasticache.CfnReplicationGroup) -> None:  # noqa: B027 - a snapshot needs nothing
        """Let ElastiCache read it before the group is made."""


@dataclass(frozen=True, slots=True)
class _OfName(SnapshotSource):
    snapshot_name: str

    def described(self, spec: ReplicationGroupSpec) -> ReplicationGroupSpec:
        return replace(spec, snapshot_name=at_synth(self.snapshot_name))

    def properties(self) -> dict[str, Any]:
        return {"snapshot_name": lower_case(self.snapshot_name)}


@dataclass(frozen=True, slots=True)
class _OfSnapshot(SnapshotSource):
    snapshot: ISnapshot

    def described(self, spec: ReplicationGroupSpec) -> ReplicationGroupSpec:
        source = self.snapshot.source
        try:
            shards = len(replica_counts(source)) if source != ReplicationGroupSpec() else None
        except UndecidedError:
            shards = None
        return replace(
            spec,
            snapshot_name=self.snapshot.known_name,
            snapshot_engine=source.engine,
            snapshot_cache_node_type=source.cache_node_type,
            snapshot_num_node_groups=shards,
        )

    def properties(self) -> dict[str, Any]:
        return {"snapshot_name": self.snapshot.snapshot_name}


@dataclass(frozen=True, slots=True)
class _OfBucket(SnapshotSource):
    bucket: IBucketRef
    object_keys: tuple[str, ...]

    def described(self, spec: ReplicationGroupSpec) -> ReplicationGroupSpec:
        name = self.bucket.bucket_ref.bucket_name
        # The rules are about the keys; where only a deployment knows the bucket, its id in the app stands for it.
        shown = self.bucket.node.id.lower() if is_token(name) else name
        return replace(spec, snapshot_arns=tuple(at_synth(f"arn:aws:s3:::{shown}/{key}") for key in self.object_keys))

    def properties(self) -> dict[str, Any]:
        return {"snapshot_arns": [f"{self.bucket.bucket_ref.bucket_arn}/{key}" for key in self.object_keys]}

    def allow(self, group: elasticache.CfnReplicationGroup) -> None:
        if not isinstance(self.bucket, s3.Bucket):
            return
        service = iam.ServicePrincipal(f"{Stack.of(group).region}.elasticache-snapshot.amazonaws.com")
        principals = [cast("iam.IPrincipal", service)]
        of_bucket = self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=["s3:GetObject", "s3:ListBucket", "s3:GetBucketAcl"],
                resources=[self.bucket.bucket_arn, *self.properties()["snapshot_arns"]],
            )
        )
        if of_bucket.policy_dependable is not None:
            group.node.add_dependency(of_bucket.policy_dependable)
        if self.bucket.encryption_key is not None:
            self.bucket.encryption_key.add_to_resource_policy(
                iam.PolicyStatement(principals=principals, actions=["kms:Decrypt", "kms:DescribeKey"], resources=["*"])
            )
