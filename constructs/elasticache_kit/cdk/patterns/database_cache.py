"""DatabaseCache: a cache in front of PostgreSQL, with what keeps its answers current."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.argument import construct_path, typed, violation
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.connection_environment import application_of
from elasticache_kit.cdk.parameter_group import ParameterGroup
from elasticache_kit.cdk.patterns import read_alarm
from elasticache_kit.cdk.patterns.outbox_listener import OutboxListener
from elasticache_kit.cdk.patterns.postgresql import Database, aurora, connection_of
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.model.engine import Engine, default_version
from elasticache_kit.model.rule import Violation, refuse

if TYPE_CHECKING:
    from elasticache_kit.cdk.connection_environment import Target

Cache = ReplicationGroup | ShardedReplicationGroup
DEFAULT_DATABASE_NAME = "app"
# AWS calls 80 % a good hit rate; below half of that a cache costs more than it saves.
DEFAULT_HIT_RATE_ALARM = 40
# Single reads that were too slow are no news; one in ten is a cache that is not there.
DEFAULT_FALLBACK_ALARM = 10
# A full cache throws out what is seldom read, which is its work; this many in a minute are no such thing.
DEFAULT_THRESHOLDS = {"evictions": 1000}
_ALL = 100


class DatabaseCache(Construct):
    """Makes a cache for what a PostgreSQL database answers, the database too where none is given, and connects both.

    The cache is made of two nodes in two zones, evicts what is least used when it is full, and applications sign in
    with IAM. An application is let in with `attach`: it gets the variables of the cache and of the database, the
    permission to sign in, the secret, and rules from security group to security group. There it reads through
    `elasticache_kit.cache`, which never keeps what the database has overwritten.

    A writer that crashes between its commit and its invalidation, or that does not know the cache, is made up for by a
    listener, where `listener_image` is given: a small Fargate service that drains an outbox table in the database.
    Without it such an entry is old until its time to live ends.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Strategies.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC that cache and database live in.
        database: a PostgreSQL database that exists, in this app or imported. Default: Aurora Serverless v2 of its own,
            encrypted, in the subnets of the cache, with a password that Secrets Manager makes up and nobody rotates;
            `add_rotation_single_user()` of the `DatabaseCluster` does, by an application of AWS's.
        database_secret: the secret with its `username` and `password`. Default: that of a database that is made in this
            app; an imported one without a secret leaves it to the application.
        database_name: the database in it. Default: `app`.
        cache: a cache of yours. Default: a ReplicationGroup of its own.
        listener_image: the image of the application, which has `elasticache-kit[outbox]`; it runs
            `python -m elasticache_kit.cache.outbox run`. Default: no listener.
        listener_key_prefix: the prefix of the keys, as in the application's Policy; the listener needs it. Default:
            none.
        listener_cluster: the ECS cluster that the listener runs in. Default: one of its own.
        listener_subnets: where the listener runs; it asks Secrets Manager and its image's registry, so it needs a way
            there. Default: the private subnets with egress.
        thresholds: of the alarms of the cache, by name, see CacheAlarms. Default: 1000 evictions in a minute.
        hit_rate_alarm_percent: the hit rate below which an alarm is raised, 0 to 100; 0 makes none. Default: 40.
        fallback_alarm_percent: the share of reads that go to the database past the cache, because that is down, above
            which an alarm is raised, 0 to 100; applications tell of them with `cache.embedded_metric`, and where none
            does the alarm has no data and stays quiet. 100 makes none. Default: 10.
        alarm_topic: where alarms are sent. Default: nowhere, an alarm only has a state.

    Raises:
        ValidationError: an argument has the wrong type, or AWS would refuse something; the message lists every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        database: rds.IDatabaseCluster | rds.IDatabaseInstance | None = None,
        database_secret: secretsmanager.ISecret | None = None,
        database_name: str = DEFAULT_DATABASE_NAME,
        cache: Cache | None = None,
        listener_image: ecs.ContainerImage | None = None,
        listener_key_prefix: str | None = None,
        listener_cluster: ecs.ICluster | None = None,
        listener_subnets: ec2.SubnetSelection | None = None,
        thresholds: Mapping[str, int | float] | None = None,
        hit_rate_alarm_percent: int = DEFAULT_HIT_RATE_ALARM,
        fallback_alarm_percent: int = DEFAULT_FALLBACK_ALARM,
        alarm_topic: ITopicRef | None = None,
    ) -> None:
        percents = {
            "hit_rate_alarm_percent": hit_rate_alarm_percent,
            "fallback_alarm_percent": fallback_alarm_percent,
        }
        refuse(construct_path(scope, construct_id), _mistakes(percents, listener_image, listener_key_prefix))
        super().__init__(scope, construct_id)
        self._cache = cache or _own_cache(self, vpc)
        self._database: Database = database or aurora(self, "Database", vpc, database_name)
        self._connection = connection_of(self._database, database_secret, database_name)
        self._alarms = CacheAlarms(
            self,
            "Alarms",
            cache=self._cache,
            thresholds=dict(DEFAULT_THRESHOLDS if thresholds is None else thresholds),
            topic=alarm_topic,
        )
        self._hit_rate_alarm = read_alarm.hit_rate(self, self._cache, hit_rate_alarm_percent, alarm_topic)
        self._fallback_alarm = read_alarm.fallback(self, self._cache, fallback_alarm_percent, alarm_topic)
        self._listener: OutboxListener | None = None
        if listener_image is not None and listener_key_prefix is not None:
            self._listener = OutboxListener(
                self,
                "Listener",
                vpc=vpc,
                image=listener_image,
                key_prefix=listener_key_prefix,
                cluster=listener_cluster,
                vpc_subnets=listener_subnets,
            )
            self.attach(self._listener.service)

    @property
    def cache(self) -> Cache:
        """The cache, for its metrics, endpoints and grants."""
        return self._cache

    @property
    def database(self) -> Database:
        """The database."""
        return self._database

    @property
    def listener(self) -> OutboxListener | None:
        """What drains the outbox; None without an image for it."""
        return self._listener

    @property
    def alarms(self) -> CacheAlarms:
        """The alarms on the nodes of the cache."""
        return self._alarms

    @property
    def hit_rate_alarm(self) -> cloudwatch.Alarm | None:
        """The alarm on the hit rate; None where none is wanted, or where there are more nodes than an alarm takes."""
        return self._hit_rate_alarm

    @property
    def fallback_alarm(self) -> cloudwatch.Alarm | None:
        """The alarm on reads that went past the cache; None where none is wanted."""
        return self._fallback_alarm

    def attach(self, target: "Target", *, client: ec2.IConnectable | None = None) -> None:
        """Let an application use cache and database: variables, security group rules, permission and secret.

        Args:
            target: a Lambda function, a container, or an ECS service.
            client: what opens the connections, for a container its service. Default: the function or the service.

        Raises:
            ValidationError: as `inject_environment` of the cache does.
        """
        self._cache.inject_environment(target, client=client)
        application = application_of(self.node.path, target, client)
        for name, value in self._connection.variables.items():
            application.set_variable(name, value)
        if self._connection.secret is not None:
            self._connection.secret.grant_read(application.grantee)
        if application.client is not None:
            application.client.connections.allow_to_default_port(self._connection.database)


def _own_cache(scope: Construct, vpc: ec2.IVpc) -> ReplicationGroup:
    version = default_version(Engine.VALKEY)
    return ReplicationGroup(
        scope,
        "Cache",
        vpc=vpc,
        engine_version=version,
        num_cache_clusters=2,
        automatic_failover_enabled=True,
        multi_az_enabled=True,
        cache_parameter_group=ParameterGroup(
            scope, "Parameters", engine_version=version, properties={"maxmemory-policy": "allkeys-lru"}
        ),
        authentication=Authentication.iam(),
    )


def _mistakes(
    percents: Mapping[str, int], listener_image: ecs.ContainerImage | None, key_prefix: str | None
) -> list[Violation]:
    found = [
        violation("cdk-database-cache-percent", name, percent, "a share is 0 to 100 percent", "leave it out")
        for name, percent in percents.items()
        if not 0 <= percent <= _ALL
    ]
    if (listener_image is None) != (key_prefix is None):
        message = "a listener needs its image and the prefix of the keys"
        remedy = "give listener_image and listener_key_prefix, or neither"
        found.append(violation("cdk-database-cache-listener", "listener_key_prefix", key_prefix, message, remedy))
    return found
