"""Snapshot: a copy of the data of a cache as it is when the stack is deployed."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping

from aws_cdk import ArnFormat, CfnTag, Fn, RemovalPolicy, Resource
from aws_cdk import aws_elasticache as elasticache
from aws_cdk.interfaces.aws_kms import IKeyRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.cdk.reference import ReplicationGroupReference
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.snapshot import SnapshotSpec, check
from elasticache_kit.model.topology import cluster_mode_enabled
from elasticache_kit.model.unknown import UNKNOWN, Unknown

# ElastiCache takes longer ones; this leaves room for what tools put behind a name.
_LONGEST_NAME = 100
_DIGEST = 8
_NAME_IN_ARN = 6


class ISnapshot(Resource, ABC):
    """A snapshot of a node-based cache, made here or imported."""

    @property
    @abstractmethod
    def snapshot_name(self) -> str:
        """The name that the API knows it by."""

    @property
    @abstractmethod
    def source(self) -> ReplicationGroupSpec:
        """What is known at synth of the replication group that it is of; an empty spec where nothing is."""

    @property
    def known_name(self) -> str | Unknown:
        """The name as far as it is known at synth."""
        return at_synth(self.snapshot_name)

    @property
    def snapshot_arn(self) -> str:
        """The ARN that policies name it by."""
        return self.stack.format_arn(
            service="elasticache",
            resource="snapshot",
            resource_name=self.snapshot_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


class Snapshot(ISnapshot):
    """Makes an AWS::ElastiCache::Snapshot: one copy of the data, taken when it is deployed.

    Nothing of it can change but its tags: where the source or the key changes, another snapshot is made under another
    name. For snapshots that repeat see snapshot_retention_limit of the replication groups.
    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-manual.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        replication_group: the replication group to copy, either this or cache_cluster_id. Default: none.
        cache_cluster_id: the node to copy, which relieves the primary of the work. In cluster mode only whole groups
            are copied. Default: none.
        snapshot_name: the name. Default: made of the path of the construct and of what is copied.
        kms_key: the key to encrypt it with. Default: the key of the cache.
        tags: the tags of the snapshot. Default: those that the app gives to its resources.
        removal_policy: what happens to it when it is removed or replaced. Default: it is kept.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the snapshot.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group: ReplicationGroupReference | None = None,
        cache_cluster_id: str | None = None,
        snapshot_name: str | None = None,
        kms_key: IKeyRef | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        group = replication_group
        group_id = None if group is None else group.replication_group_id
        key = None if kms_key is None else kms_key.key_ref.key_arn
        self._source = ReplicationGroupSpec() if group is None else group.spec
        warnings = refuse(
            construct_path(scope, construct_id),
            check(
                SnapshotSpec(
                    # A name that is made up is right by construction.
                    snapshot_name=UNKNOWN if snapshot_name is None else at_synth(snapshot_name),
                    replication_group_id=_known_or(group_id, "" if group is None else group.node.path),
                    cache_cluster_id=_known_or(cache_cluster_id, "a node"),
                    kms_key_id=at_synth(key),
                    source_engine=self._source.engine,
                    source_cache_node_type=self._source.cache_node_type,
                    source_cluster_mode_enabled=None if group is None else cluster_mode_enabled(self._source),
                )
            ),
        )

        super().__init__(scope, construct_id)
        self._name = lower_case(snapshot_name) or self._made_up_name([group_id, cache_cluster_id, key])
        self._resource = elasticache.CfnSnapshot(
            self,
            "Resource",
            snapshot_name=self._name,
            replication_group_id=group_id,
            cache_cluster_id=lower_case(cache_cluster_id),
            kms_key_id=key,
            tags=None if tags is None else [CfnTag(key=name, value=value) for name, value in tags.items()],
        )
        self._resource.apply_removal_policy(removal_policy)
        warn(self, warnings)

    @staticmethod
    @typed
    def from_snapshot_name(scope: Construct, construct_id: str, snapshot_name: str) -> ISnapshot:
        """Import a snapshot that exists, one of the automatic ones too."""
        return _ImportedSnapshot(scope, construct_id, snapshot_name)

    @property
    def snapshot_name(self) -> str:
        """The name that the API knows it by; whoever uses it waits for the snapshot."""
        # CloudFormation returns only the ARN, arn:aws:elasticache:<Region>:<account>:snapshot:<name>.
        return Fn.select(_NAME_IN_ARN, Fn.split(":", self._resource.attr_arn))

    @property
    def known_name(self) -> str | Unknown:
        """The name as far as it is known at synth."""
        return at_synth(self._name)

    @property
    def snapshot_arn(self) -> str:
        """The ARN that policies name it by."""
        return self._resource.attr_arn

    @property
    def source(self) -> ReplicationGroupSpec:
        """What is known at synth of the replication group that it is of."""
        return self._source

    def _made_up_name(self, copied: list[str | None]) -> str:
        # A snapshot of something else must have another name, or its replacement would collide with it.
        digest = hashlib.sha256(json.dumps(self.stack.resolve(copied)).encode()).hexdigest()[:_DIGEST]
        return f"{unique_name(self, _LONGEST_NAME - _DIGEST - 1)}-{digest}"


class _ImportedSnapshot(ISnapshot):
    def __init__(self, scope: Construct, construct_id: str, snapshot_name: str) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(snapshot_name)

    @property
    def snapshot_name(self) -> str:
        return self._name

    @property
    def source(self) -> ReplicationGroupSpec:
        return ReplicationGroupSpec()


def _known_or(name: str | None, stand_in: str) -> str | None:
    """Return a name, or what stands for it where only a deployment knows it; the rules ask whether there is one."""
    return stand_in if at_synth(name) is UNKNOWN else name
