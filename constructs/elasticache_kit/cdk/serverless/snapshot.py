"""ServerlessCacheSnapshot: what a serverless cache holds when the stack is deployed, kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from aws_cdk import Arn, ArnFormat, CfnTag, RemovalPolicy, Resource
from aws_cdk import aws_elasticache as elasticache
from aws_cdk.interfaces.aws_kms import IKeyRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.cdk.serverless.reference import IServerlessCache
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.serverless_cache_snapshot import ServerlessCacheSnapshotSpec, check
from elasticache_kit.model.unknown import UNKNOWN

_LONGEST_NAME = 255


class IServerlessCacheSnapshot(Resource, ABC):
    """A snapshot of a serverless cache, made here or imported."""

    @property
    @abstractmethod
    def serverless_cache_snapshot_arn(self) -> str:
        """The ARN, which a new cache takes in snapshot_arns_to_restore."""

    @property
    @abstractmethod
    def serverless_cache_snapshot_name(self) -> str:
        """The name that the API knows it by."""


class ServerlessCacheSnapshot(IServerlessCacheSnapshot):
    """Makes an AWS::ElastiCache::ServerlessCacheSnapshot: one snapshot, when the stack is first deployed.

    A snapshot never changes: any other argument takes a new one, which needs another name. For a snapshot each day see
    snapshot_retention_limit of ServerlessCache.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-manual.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        serverless_cache: the cache that it is taken of, made here or imported.
        serverless_cache_snapshot_name: the name, of letters, digits and single hyphens, in lower case. Default: one of
            the path of the construct, because CloudFormation makes none up.
        kms_key: the key that it is encrypted with. Default: one that AWS owns.
        tags: the tags of the snapshot. Default: those that the app gives to its resources.
        removal_policy: what happens to the snapshot when it is removed from the app. Default: it is kept.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the snapshot; the message lists
            every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        serverless_cache: IServerlessCache,
        serverless_cache_snapshot_name: str | None = None,
        kms_key: IKeyRef | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        name = lower_case(serverless_cache_snapshot_name)
        key_arn = kms_key.key_ref.key_arn if kms_key else None
        warnings = refuse(
            construct_path(scope, construct_id),
            check(
                ServerlessCacheSnapshotSpec(
                    # A name of the path is legal, and made when the construct is.
                    serverless_cache_snapshot_name=UNKNOWN if name is None else at_synth(name),
                    serverless_cache_name=at_synth(serverless_cache.serverless_cache_name),
                    kms_key_id=at_synth(key_arn),
                )
            ),
        )

        super().__init__(scope, construct_id)
        self._name = name or unique_name(self, _LONGEST_NAME)
        self._resource = elasticache.CfnServerlessCacheSnapshot(
            self,
            "Resource",
            serverless_cache_snapshot_name=self._name,
            serverless_cache_name=serverless_cache.serverless_cache_name,
            kms_key_id=key_arn,
            tags=None if tags is None else [CfnTag(key=key, value=value) for key, value in tags.items()],
        )
        self._resource.apply_removal_policy(removal_policy, apply_to_update_replace_policy=True)
        warn(self, warnings)

    @staticmethod
    @typed
    def from_serverless_cache_snapshot_arn(
        scope: Construct, construct_id: str, serverless_cache_snapshot_arn: str
    ) -> IServerlessCacheSnapshot:
        """Import a snapshot that exists."""
        return _ImportedServerlessCacheSnapshot(scope, construct_id, serverless_cache_snapshot_arn)

    @property
    def serverless_cache_snapshot_arn(self) -> str:
        """The ARN, which a new cache takes in snapshot_arns_to_restore."""
        return self._resource.attr_arn

    @property
    def serverless_cache_snapshot_name(self) -> str:
        """The name that the API knows it by."""
        return self._name


class _ImportedServerlessCacheSnapshot(IServerlessCacheSnapshot):
    def __init__(self, scope: Construct, construct_id: str, serverless_cache_snapshot_arn: str) -> None:
        super().__init__(scope, construct_id)
        self._arn = serverless_cache_snapshot_arn

    @property
    def serverless_cache_snapshot_arn(self) -> str:
        return self._arn

    @property
    def serverless_cache_snapshot_name(self) -> str:
        return str(Arn.split(self._arn, ArnFormat.COLON_RESOURCE_NAME).resource_name)
