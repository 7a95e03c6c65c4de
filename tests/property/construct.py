"""Wishes: arguments that the constructs take, drawn at random, and how each becomes a construct in a stack."""

from __future__ import annotations

import functools
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import App, DefaultStackSynthesizer, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct
from hypothesis import strategies as st

from elasticache_kit import cdk
from elasticache_kit.model.engine import Engine, EngineVersion, versions
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.parameter import ParameterGroupSpec
from tests.property import parameter_group as good_parameter_group
from tests.property import replication_group as good_replication_group
from tests.property.replication_group import NAMES, TEXTS, ZONES, fitting

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec

REGION, ACCOUNT = "eu-west-1", "123456789012"
CONTEXT = {f"availability-zones:account={ACCOUNT}:region={REGION}": [REGION + letter for letter in ZONES]}
# No node type that can be made today runs an older Memcached.
MEMCACHED = [version for version in versions(Engine.MEMCACHED) if fitting(version)]
# Those of a version that a new cache can have.
FAMILIES = {version.family for engine in Engine for version in versions(engine)}
TAGS = st.dictionaries(
    st.sampled_from(["team", "stage", "owner"]),
    st.text(string.ascii_letters + string.digits + " _./=+:-@", max_size=40),
    min_size=1,
)
# What the two kinds of replication group take as the spec has it.
PLAIN = (
    "replication_group_description", "multi_az_enabled", "transit_encryption_mode", "port", "network_type",
    "durability", "snapshot_retention_limit", "snapshot_window", "preferred_maintenance_window",
    "auto_minor_version_upgrade",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made.

    Args:
        kind: the name of the construct.
        arguments: those that are plain values.
        around: what has to be made in the stack first, by name.
    """

    kind: str
    arguments: Mapping[str, Any]
    around: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        given = [f"{name}={_shown(value)}" for name, value in (*self.arguments.items(), *self.around.items())]
        return f"{self.kind}({', '.join(given)})"


class Place:
    """A stack with what caches need around them."""

    def __init__(self) -> None:
        # A parameter that only the CDK CLI could fill is left out.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        environment = {"account": ACCOUNT, "region": REGION}
        self.stack = Stack(App(context=CONTEXT), "Stack", env=environment, synthesizer=synthesizer)
        self.vpc = ec2.Vpc(
            self.stack,
            "Vpc",
            max_azs=len(ZONES),
            nat_gateways=0,
            subnet_configuration=[ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
            restrict_default_security_group=False,
        )

    @functools.cached_property
    def key(self) -> kms.Key:
        """A key."""
        return kms.Key(self.stack, "Key")

    @functools.cached_property
    def topic(self) -> sns.Topic:
        """A topic."""
        return sns.Topic(self.stack, "Topic")

    @functools.cached_property
    def users(self) -> cdk.UserGroup:
        """A user group that Valkey takes."""
        return cdk.UserGroup(self.stack, "Users", users=[cdk.IamUser(self.stack, "User")])

    def make(self, wish: Wish, number: int) -> Construct:
        """Make the construct of a wish; its number makes its id and its name unique."""
        scope = Construct(self.stack, f"Wish{number}")
        arguments = {name: _unique(name, value, number) for name, value in wish.arguments.items()}
        for name, what in wish.around.items():
            arguments[name] = AROUND[name](self, scope, what)
        return getattr(cdk, wish.kind)(scope, "It", **arguments)


def _shown(value: object) -> str:
    """Write a value down: an engine version or a node type as its name."""
    return str(value) if isinstance(value, EngineVersion | NodeType | ParameterGroupSpec) else repr(value)


def _unique(name: str, value: Any, number: int) -> Any:
    return f"{value[:24].rstrip('-')}-{number}" if name in NAMED else value


NAMED = frozenset(
    {"replication_group_id", "cluster_name", "serverless_cache_name", "user_id", "user_name", "user_group_id"}
)


def _own_parameter_group(_: Place, scope: Construct, what: ParameterGroupSpec) -> Construct:
    return cdk.ParameterGroup(
        scope,
        "Parameters",
        engine_version=_version_of(str(what.cache_parameter_group_family)),
        properties=cast("dict[str, str]", what.parameters),
    )


def _authentication(place: Place, scope: Construct, what: str) -> cdk.Authentication:
    match what:
        case "iam":
            return cdk.Authentication.iam()
        case "users":
            return cdk.Authentication.user_group(place.users)
        case _:
            del scope
            return cdk.Authentication.auth_token(rotation=cdk.Rotation.never())


def _members(_: Place, scope: Construct, what: Mapping[str, Any]) -> list[cdk.IUser]:
    engine: Engine = what["engine"]
    made: list[cdk.IUser] = [
        cdk.IamUser(scope, f"Iam{index}", engine=engine, access_string=text)
        for index, text in enumerate(what["access_strings"])
    ]
    if engine is Engine.REDIS:
        made.append(cdk.NoPasswordUser(scope, "Default", user_name="default"))
    return made


AROUND: Mapping[str, Callable[[Place, Construct, Any], Any]] = {
    "vpc": lambda place, _scope, _what: place.vpc,
    "kms_key": lambda place, _scope, _what: place.key,
    "notification_topic": lambda place, _scope, _what: place.topic,
    "cache_parameter_group": _own_parameter_group,
    "authentication": _authentication,
    "user_group": lambda place, _scope, _what: place.users,
    "log_delivery_configurations": lambda _place, _scope, what: [
        cdk.LogDelivery.to_new_log_group(log_type, removal_policy=RemovalPolicy.DESTROY) for log_type in what
    ],
    "security_groups": lambda place, scope, _what: [ec2.SecurityGroup(scope, "Own", vpc=place.vpc)],
    "users": _members,
}


def _version_of(family: str) -> EngineVersion:
    return next(item for engine in Engine for item in versions(engine) if item.family == family)


@st.composite
def replication_groups(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Wish:
    """Draw a replication group of either kind."""
    spec: ReplicationGroupSpec = draw(good_replication_group.good())
    version = EngineVersion.of(str(spec.engine), str(spec.engine_version))
    sharded = spec.num_node_groups is not None or spec.node_group_configuration is not None
    arguments = {name: value for name in PLAIN if (value := getattr(spec, name)) is not None}
    arguments |= {
        "engine_version": version,
        "cache_node_type": NodeType.of(str(spec.cache_node_type)),
        "transit_encryption_enabled": spec.transit_encryption_enabled,
        "removal_policy": draw(st.sampled_from([RemovalPolicy.SNAPSHOT, RemovalPolicy.DESTROY, RemovalPolicy.RETAIN])),
    }
    if draw(st.booleans()):
        arguments["replication_group_id"] = spec.replication_group_id
    if draw(st.booleans()):
        arguments["tags"] = draw(TAGS)
    around: dict[str, Any] = {"vpc": True, **draw(_surroundings(version, tls=spec.transit_encryption_enabled is True))}
    if not sharded:
        arguments |= {
            "num_cache_clusters": spec.num_cache_clusters,
            "automatic_failover_enabled": spec.automatic_failover_enabled,
            **({} if spec.cluster_mode is None else {"cluster_mode": spec.cluster_mode}),
        }
        if isinstance(spec.preferred_cache_cluster_azs, tuple):
            arguments["preferred_cache_cluster_azs"] = [REGION + zone for zone in spec.preferred_cache_cluster_azs]
        if spec.parameter_group_family is not None:
            around["cache_parameter_group"] = ParameterGroupSpec(
                cache_parameter_group_family=spec.parameter_group_family, parameters=spec.parameter_group_parameters
            )
        return Wish("ReplicationGroup", arguments, around)
    if isinstance(spec.node_group_configuration, tuple):
        arguments["node_group_configuration"] = [_node_group(item) for item in spec.node_group_configuration]
    else:
        arguments |= {
            "num_node_groups": spec.num_node_groups,
            "replicas_per_node_group": spec.replicas_per_node_group,
        }
    return Wish("ShardedReplicationGroup", arguments, around)


@st.composite
def _surroundings(draw: Callable[[st.SearchStrategy[Any]], Any], version: EngineVersion, *, tls: bool) -> Any:
    logs = [name for name in ("slow-log", "engine-log") if version.supports(name.replace("-", "_"))]
    some: dict[str, st.SearchStrategy[Any]] = {
        "kms_key": st.just(True),
        "notification_topic": st.just(True),
        "security_groups": st.just(True),
    }
    if logs:
        some["log_delivery_configurations"] = st.lists(st.sampled_from(logs), min_size=1, unique=True)
    if tls:
        signing = ["token", *(["iam"] if version.number >= (7,) else [])]
        signing += ["users"] if version.engine is Engine.VALKEY else []
        some["authentication"] = st.sampled_from(signing)
    return draw(st.fixed_dictionaries({}, optional=some))


def _node_group(spec: NodeGroupSpec) -> cdk.NodeGroupConfiguration:
    replicas = cast("tuple[str, ...] | None", spec.replica_availability_zones)
    primary = spec.primary_availability_zone
    return cdk.NodeGroupConfiguration(
        node_group_id=cast("str | None", spec.node_group_id),
        slots=cast("str | None", spec.slots),
        primary_availability_zone=None if primary is None else f"{REGION}{primary}",
        replica_availability_zones=None if replicas is None else [REGION + zone for zone in replicas],
        replica_count=cast("int | None", spec.replica_count),
    )


@st.composite
def memcached_clusters(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Wish:
    """Draw a Memcached cluster."""
    version: EngineVersion = draw(st.sampled_from(MEMCACHED))
    nodes: int = draw(st.integers(1, 40))
    arguments: dict[str, Any] = {
        "engine_version": version,
        "cache_node_type": draw(st.sampled_from(fitting(version))),
        "num_cache_nodes": nodes,
        "transit_encryption_enabled": version.number >= (1, 6, 12) and draw(st.booleans()),
    }
    arguments |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "cluster_name": NAMES,
                "az_mode": st.just("cross-az") if nodes > 1 else st.just("single-az"),
                "port": st.integers(1150, 65535),
                "preferred_maintenance_window": st.just("sun:03:00-sun:04:00"),
                "tags": TAGS,
            },
        )
    )
    around = st.fixed_dictionaries({"vpc": st.just(True)}, optional={"notification_topic": st.just(True)})
    return Wish("MemcachedCluster", arguments, draw(around))


@st.composite
def serverless_caches(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Wish:
    """Draw a serverless cache."""
    engine: cdk.ServerlessEngine = draw(
        st.sampled_from(
            [
                cdk.ServerlessEngine.VALKEY_7,
                cdk.ServerlessEngine.VALKEY_8,
                cdk.ServerlessEngine.VALKEY_9,
                cdk.ServerlessEngine.REDIS_7,
                cdk.ServerlessEngine.MEMCACHED_1_6,
            ]
        )
    )
    storage: int = draw(st.integers(1, 5000))
    units: int = draw(st.integers(1000, 15_000_000))
    some: dict[str, st.SearchStrategy[Any]] = {
        "serverless_cache_name": NAMES,
        "description": TEXTS,
        "data_storage_maximum": st.just(storage),
        "data_storage_minimum": st.integers(1, storage),
        "ecpu_per_second_maximum": st.just(units),
        "ecpu_per_second_minimum": st.integers(1000, units),
        "snapshot_retention_limit": st.integers(0, 35),
        "tags": TAGS,
        "removal_policy": st.sampled_from([RemovalPolicy.DESTROY, RemovalPolicy.RETAIN]),
    }
    around: dict[str, st.SearchStrategy[Any]] = {"kms_key": st.just(True), "security_groups": st.just(True)}
    if engine.engine is Engine.VALKEY:
        around["user_group"] = st.just(True)
    return Wish(
        "ServerlessCache",
        {"engine": engine, **draw(st.fixed_dictionaries({}, optional=some))},
        {"vpc": True, **draw(st.fixed_dictionaries({}, optional=around))},
    )


RIGHTS = st.sampled_from(["on ~* +@all", "on ~orders:* +@read", "on ~a:* ~b:* -@all +get +set", "off ~* -@all"])
ENGINES = st.sampled_from([Engine.VALKEY, Engine.REDIS])


def users() -> st.SearchStrategy[Wish]:
    """Return users of every kind."""
    iam = st.fixed_dictionaries({}, optional={"user_id": NAMES, "engine": ENGINES, "access_string": RIGHTS})
    password = st.fixed_dictionaries(
        {"rotation": st.just(cdk.Rotation.never())},
        optional={"user_id": NAMES, "user_name": NAMES, "engine": ENGINES, "access_string": RIGHTS},
    )
    no_password = st.fixed_dictionaries({"user_name": NAMES}, optional={"user_id": NAMES, "access_string": RIGHTS})
    return st.one_of(
        iam.map(lambda arguments: Wish("IamUser", arguments)),
        password.map(lambda arguments: Wish("PasswordUser", arguments)),
        no_password.map(lambda arguments: Wish("NoPasswordUser", arguments)),
    )


@st.composite
def user_groups(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Wish:
    """Draw a user group with users of its own."""
    engine: Engine = draw(ENGINES)
    rights: list[str] = draw(st.lists(RIGHTS, min_size=1, max_size=4))
    named: dict[str, str] = draw(st.fixed_dictionaries({}, optional={"user_group_id": NAMES}))
    return Wish("UserGroup", {"engine": engine, **named}, {"users": {"engine": engine, "access_strings": rights}})


def parameter_groups() -> st.SearchStrategy[Wish]:
    """Return parameter groups."""
    return (
        good_parameter_group.good()
        .filter(lambda spec: spec.cache_parameter_group_family in FAMILIES)
        .map(
            lambda spec: Wish(
                "ParameterGroup",
                {
                    "engine_version": _version_of(str(spec.cache_parameter_group_family)),
                    "properties": spec.parameters,
                    "description": spec.description,
                },
            )
        )
    )


def subnet_groups() -> st.SearchStrategy[Wish]:
    """Return subnet groups."""
    return st.fixed_dictionaries({}, optional={"description": TEXTS}).map(
        lambda arguments: Wish("SubnetGroup", arguments, {"vpc": True})
    )


# Each kind with the type that it makes.
KINDS: Mapping[str, tuple[str, st.SearchStrategy[Wish]]] = {
    "replication groups": ("AWS::ElastiCache::ReplicationGroup", replication_groups()),
    "Memcached clusters": ("AWS::ElastiCache::CacheCluster", memcached_clusters()),
    "serverless caches": ("AWS::ElastiCache::ServerlessCache", serverless_caches()),
    "users": ("AWS::ElastiCache::User", users()),
    "user groups": ("AWS::ElastiCache::UserGroup", user_groups()),
    "parameter groups": ("AWS::ElastiCache::ParameterGroup", parameter_groups()),
    "subnet groups": ("AWS::ElastiCache::SubnetGroup", subnet_groups()),
}
