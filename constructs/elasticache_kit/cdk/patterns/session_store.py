"""SessionStore: a cache of its own for sessions, in which nothing is evicted."""

from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.argument import construct_path, typed, violation
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.definition import DEFAULT_RETENTION
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.parameter_group import ParameterGroup
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.environment import PREFIX
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.rule import Violation, refuse

if TYPE_CHECKING:
    from elasticache_kit.cdk.connection_environment import Target

DEFAULT_NODES = 2
# Enough above what sessions of a quiet hour take, and enough below the end: at 100 nobody signs in any more.
DEFAULT_MEMORY_ALARM = 75
# The smallest type that ElastiCache offers durability on.
DURABLE_NODE_TYPE = "cache.r7g.large"
_ALL = 100


class SessionStore(Construct):
    """Makes a cache for sessions: nothing is evicted, a zone may fail, and applications sign in with IAM.

    An evicted session is a user who is signed out, so the parameter group says `noeviction`: a full cache refuses new
    sessions and keeps the old ones, and the alarm on its memory comes long before. Sessions end by the time to live
    that the application gives them; a memory alarm without more users means that some have none. It is a cache of its
    own, because a database cache wants the opposite.

    Let an application in with `attach`, and read the environment there with `elasticache_kit.cache`.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Strategies.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC that the nodes live in.
        vpc_subnets: which of its subnets. Default: the isolated ones, and where there are none the private ones with
            egress.
        engine_version: the engine and its version. Default: the rulebook's version of Valkey.
        cache_node_type: the type of every node. Default: cache.t4g.small, and cache.r7g.large with durability.
        num_cache_clusters: nodes, the primary included, 2 to 6. Default: 2, in two zones.
        durability: whether a session that was stored survives the loss of every node: `sync`, or `async` but for the
            last seconds. It takes Valkey 9.0 and cluster mode, so the cache is then a ShardedReplicationGroup of one
            node group. Default: no, replicas only.
        snapshot_retention_limit: days that an automatic daily snapshot is kept, 0 to 35; 0 takes none. Default: 15.
        notification_topic: the SNS topic that ElastiCache's events are sent to. Default: none.
        alarm_topic: where alarms are sent. Default: nowhere, an alarm only has a state.
        memory_alarm_percent: the share of the memory that raises the alarm, 1 to 100. Default: 75.
        removal_policy: what happens to the sessions when the store is removed. Default: a snapshot is kept.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the cache; the message lists
            every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        engine_version: EngineVersion | None = None,
        cache_node_type: NodeType | None = None,
        num_cache_clusters: int = DEFAULT_NODES,
        durability: Literal["async", "sync"] | None = None,
        snapshot_retention_limit: int = DEFAULT_RETENTION,
        notification_topic: ITopicRef | None = None,
        alarm_topic: ITopicRef | None = None,
        memory_alarm_percent: int = DEFAULT_MEMORY_ALARM,
        removal_policy: RemovalPolicy = RemovalPolicy.SNAPSHOT,
    ) -> None:
        refuse(construct_path(scope, construct_id), _mistakes(memory_alarm_percent))
        super().__init__(scope, construct_id)
        version = engine_version or default_version(Engine.VALKEY)
        self._user = IamUser(self, "User", engine=version.engine)
        users = UserGroup(self, "UserGroup", users=[self._user], engine=version.engine)
        shared: dict[str, Any] = {
            "vpc": vpc,
            "vpc_subnets": vpc_subnets,
            "engine_version": version,
            "multi_az_enabled": True,
            "cache_parameter_group": ParameterGroup(
                self,
                "Parameters",
                engine_version=version,
                properties={"maxmemory-policy": "noeviction"}
                | ({} if durability is None else {"cluster-enabled": "yes"}),
            ),
            "authentication": Authentication.user_group(users),
            "snapshot_retention_limit": snapshot_retention_limit,
            "notification_topic": notification_topic,
            "removal_policy": removal_policy,
        }
        if durability is None:
            self._cache: ReplicationGroup | ShardedReplicationGroup = ReplicationGroup(
                self,
                "Cache",
                cache_node_type=cache_node_type,
                num_cache_clusters=num_cache_clusters,
                automatic_failover_enabled=True,
                **shared,
            )
        else:
            self._cache = ShardedReplicationGroup(
                self,
                "Cache",
                cache_node_type=cache_node_type or NodeType.of(DURABLE_NODE_TYPE),
                num_node_groups=1,
                replicas_per_node_group=num_cache_clusters - 1,
                durability=durability,
                **shared,
            )
        self._alarms = CacheAlarms(
            self, "Alarms", cache=self._cache, thresholds={"memory": memory_alarm_percent}, topic=alarm_topic
        )

    @property
    def cache(self) -> ReplicationGroup | ShardedReplicationGroup:
        """The cache, for its metrics, endpoints and grants."""
        return self._cache

    @property
    def user(self) -> IamUser:
        """Whom applications sign in as."""
        return self._user

    @property
    def alarms(self) -> CacheAlarms:
        """The alarms of the cache."""
        return self._alarms

    def attach(self, target: "Target", *, client: ec2.IConnectable | None = None, prefix: str = PREFIX) -> None:
        """Let an application keep its sessions here: variables, security group rules and the permission to sign in.

        Args:
            target: a Lambda function, a container, or an ECS service.
            client: what opens the connections, for a container its service. Default: the function or the service.
            prefix: what the variables begin with; an application that has a database cache too takes SESSIONS_, say.
                Default: ELASTICACHE_KIT_.

        Raises:
            ValidationError: as `inject_environment` of the cache does.
        """
        self._cache.inject_environment(target, user=self._user, client=client, prefix=prefix)


def _mistakes(memory_alarm_percent: int) -> list[Violation]:
    if 1 <= memory_alarm_percent <= _ALL:
        return []
    message = "a share of the memory is 1 to 100 percent"
    return [violation("cdk-session-store-memory", "memory_alarm_percent", memory_alarm_percent, message, "take 75")]
