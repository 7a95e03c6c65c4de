"""The Python source of a CDK app that describes a replication group which exists, in this library's constructs."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from elasticache_kit.model.engine import Engine, EngineVersion, versions
from elasticache_kit.model.parameter import default_parameter_group
from elasticache_kit.ops import adoption
from elasticache_kit.ops.expression import WIDTH, Call, Expression, Name, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.ops.adoption import Document, Observed

SECRET_TO_NAME = "NAME-OF-THE-SECRET"  # noqa: S105 - the place for a name, and no secret

# What the constructs take where an argument is left out.
_DEFAULTS: dict[str, Expression] = {
    "cache_node_type": "cache.t4g.small",
    "num_cache_clusters": 2,
    "num_node_groups": 3,
    "replicas_per_node_group": 1,
    "cluster_mode": "disabled",
    "transit_encryption_enabled": True,
    "transit_encryption_mode": "required",
    "at_rest_encryption_enabled": True,
    "port": 6379,
    "network_type": "ipv4",
    "durability": "default",
    "snapshot_retention_limit": 15,
    "auto_minor_version_upgrade": True,
}
_SECURITY_GROUP = "ec2.SecurityGroup.from_security_group_id"
# The classes of versions by engine, and the first version that has a constant there.
_FIRST_NAMED = {Engine.VALKEY: "7.2", Engine.REDIS: "6.2"}
_VERSIONS = {Engine.VALKEY: "ValkeyVersion", Engine.REDIS: "RedisVersion"}
_OWN_NAMES = (
    "Authentication",
    "LogDelivery",
    "NodeGroupConfiguration",
    "NodeType",
    "ParameterGroup",
    "RedisVersion",
    "ReplicationGroup",
    "ShardedReplicationGroup",
    "SubnetGroup",
    "UserGroup",
    "ValkeyVersion",
)
# `cdk import` adds resources to a stack and no parameters, and this rule brings one along.
_SYNTHESIZER = Call("DefaultStackSynthesizer", keywords={"generate_bootstrap_version_rule": False})
_WHY_NO_RULE = (
    "An import brings no parameters into a stack, so the one of this rule would be",
    "a difference until the first deployment. The CDK checks the same by itself.",
)
_MODULES = {
    "ec2": "aws_ec2",
    "kms": "aws_kms",
    "logs": "aws_logs",
    "secretsmanager": "aws_secretsmanager",
    "sns": "aws_sns",
}


def source(observed: Observed, *, stack: str, construct_id: str, secret: str | None = None) -> str:
    """Return the source of an app whose only stack holds the group; everything around it is referred to.

    Args:
        observed: the group.
        stack: the name of the stack.
        construct_id: the id of the construct.
        secret: the secret that holds the AUTH token. Default: the user has to name it in the source.
    """
    name = "".join(part[:1].upper() + part[1:] for part in stack.split("-")) + "Stack"
    construct = Call(
        "ShardedReplicationGroup" if observed.sharded else "ReplicationGroup",
        [Name("self"), construct_id],
        arguments(observed, secret=secret),
    )
    # The call is never on one line: a reader looks for the arguments at the beginning of a line.
    body = "        self.cache = " + render(construct, 2, WIDTH)
    environment = Call("Environment", keywords={"account": observed.account, "region": observed.region})
    app = Call(name, [Name("app"), stack], {"env": environment})
    lines = [
        f'"""The replication group {observed.replication_group_id}, adopted as it was."""',
        "",
        *_imports(body),
        "",
        "",
        f"class {name}(Stack):",
        f'    """Holds {observed.replication_group_id}; what it needs is referred to and stays where it is."""',
        "",
        "    def __init__(",
        *(f"        {name}," for name in ("self", "scope: Construct", "construct_id: str", "*", "env: Environment")),
        "    ) -> None:",
        f"        # {_WHY_NO_RULE[0]}",
        f"        # {_WHY_NO_RULE[1]}",
        f"        synthesizer = {render(_SYNTHESIZER, 2)}",
        "        super().__init__(scope, construct_id, env=env, synthesizer=synthesizer)",
        *_comments(adoption.notes(observed, secret=secret)),
        body,
        "",
        "",
        'if __name__ == "__main__":',
        "    app = App()",
        f"    {render(app, 1)}",
        "    app.synth()",
        "",
    ]
    return "\n".join(lines)


def arguments(observed: Observed, *, secret: str | None = None) -> dict[str, Expression]:
    """Return the arguments of the construct: those that a construct without them would not be like the group."""
    properties = observed.properties
    zones = list(observed.availability_zones)
    found: dict[str, Expression | None] = {
        "vpc": _own("ec2.Vpc.from_vpc_attributes", "Vpc", vpc_id=str(observed.vpc_id), availability_zones=zones),
        "cache_subnet_group": _own(
            "SubnetGroup.from_cache_subnet_group_name", "SubnetGroup", properties["CacheSubnetGroupName"]
        ),
        "security_groups": _security_groups(properties.get("SecurityGroupIds", [])),
        "replication_group_id": observed.replication_group_id,
        "replication_group_description": properties.get("ReplicationGroupDescription", ""),
        "engine_version": _engine_version(properties),
        "cache_node_type": _node_type(properties["CacheNodeType"]),
        **_sizes(observed),
        **_failover(observed),
        "cache_parameter_group": _parameter_group(properties),
        "transit_encryption_enabled": properties["TransitEncryptionEnabled"],
        "transit_encryption_mode": properties.get("TransitEncryptionMode"),
        "at_rest_encryption_enabled": properties["AtRestEncryptionEnabled"],
        "kms_key": _kms_key(observed),
        "authentication": _authentication(observed, secret),
        "port": properties.get("Port"),
        **_network(properties),
        "durability": properties.get("Durability") if properties.get("Durability") in {"sync", "async"} else None,
        "snapshot_retention_limit": properties["SnapshotRetentionLimit"],
        "snapshot_window": properties.get("SnapshotWindow"),
        "preferred_maintenance_window": properties.get("PreferredMaintenanceWindow"),
        "auto_minor_version_upgrade": properties["AutoMinorVersionUpgrade"],
        "log_delivery_configurations": list(_logs(properties.get("LogDeliveryConfigurations", []))) or None,
        "notification_topic": _topic(properties.get("NotificationTopicArn")),
        "tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])} or None,
    }
    return {
        name: value
        for name, value in found.items()
        if value is not None and not _is_default(value, _DEFAULTS.get(name))
    }


def _is_default(value: Expression, default: Expression | None) -> bool:
    # True is 1 in Python, and one replica is no switch.
    return type(value) is type(default) and value == default


def _sizes(observed: Observed) -> dict[str, Expression | None]:
    properties = observed.properties
    if not observed.sharded:
        return {"num_cache_clusters": properties["NumCacheClusters"], "cluster_mode": properties["ClusterMode"]}
    configuration: list[dict[str, Any]] = properties.get("NodeGroupConfiguration", [])
    if not configuration:
        return {
            "num_node_groups": properties["NumNodeGroups"],
            "replicas_per_node_group": properties["ReplicasPerNodeGroup"],
        }
    groups: list[Expression] = [
        Call(
            "NodeGroupConfiguration",
            keywords={"node_group_id": item["NodeGroupId"], "replica_count": item["ReplicaCount"]},
        )
        for item in configuration
    ]
    return {"node_group_configuration": groups}


def _failover(observed: Observed) -> dict[str, Expression | None]:
    """Return what the constructs derive from the number of replicas, where the group has it otherwise."""
    properties = observed.properties
    failover, zones = properties["AutomaticFailoverEnabled"], properties["MultiAZEnabled"]
    if not observed.sharded:
        replicas = properties["NumCacheClusters"] > 1
        return {
            "automatic_failover_enabled": None if failover == replicas else failover,
            "multi_az_enabled": None if zones == failover else zones,
        }
    each: list[dict[str, Any]] = properties.get("NodeGroupConfiguration", [])
    counts = [item["ReplicaCount"] for item in each] or [properties["ReplicasPerNodeGroup"]]
    return {"multi_az_enabled": None if zones == all(counts) else zones}


def _engine_version(properties: Document) -> Expression:
    """Return the version, always: the default moves with releases of the library."""
    engine, version = Engine(properties["Engine"]), str(properties["EngineVersion"])
    named = {known.version for known in versions(engine) if known >= EngineVersion.of(engine, _FIRST_NAMED[engine])}
    if version in named:
        return Name(f"{_VERSIONS[engine]}.VER_{version.replace('.', '_')}")
    return Call(f"{_VERSIONS[engine]}.of", [version])


def _node_type(name: str) -> Expression | None:
    return None if name == _DEFAULTS["cache_node_type"] else Call("NodeType.of", [name])


def _parameter_group(properties: Document) -> Expression | None:
    name: str = properties["CacheParameterGroupName"]
    version = EngineVersion.of(properties["Engine"], properties["EngineVersion"])
    if name == default_parameter_group(version.family, properties["ClusterMode"] != "disabled"):
        return None
    return _own("ParameterGroup.from_cache_parameter_group_name", "ParameterGroup", name)


def _security_groups(ids: list[str]) -> Expression | None:
    if not ids:
        return None
    names = ["SecurityGroup", *(f"SecurityGroup{number}" for number in range(2, len(ids) + 1))]
    return [_own(_SECURITY_GROUP, name, group) for name, group in zip(names, ids, strict=True)]


def _kms_key(observed: Observed) -> Expression | None:
    key: str | None = observed.properties.get("KmsKeyId")
    if key is None:
        return None
    arn = key if key.startswith("arn:") else f"arn:aws:kms:{observed.region}:{observed.account}:key/{key}"
    return _own("kms.Key.from_key_arn", "Key", arn)


def _authentication(observed: Observed, secret: str | None) -> Expression | None:
    groups: list[str] = observed.properties.get("UserGroupIds", [])
    if groups:
        return Call("Authentication.user_group", [_own("UserGroup.from_user_group_id", "UserGroup", groups[0])])
    if not observed.auth_token_enabled:
        return None
    held = _own("secretsmanager.Secret.from_secret_name_v2", "AuthToken", secret or SECRET_TO_NAME)
    return Call("Authentication.auth_token", keywords={"secret": held})


def _network(properties: Document) -> dict[str, Expression | None]:
    """Return the network type, and the discovery that does not follow from it."""
    kind, discovery = properties.get("NetworkType", "ipv4"), properties.get("IpDiscovery")
    follows = {"ipv4": "ipv4", "ipv6": "ipv6"}.get(kind)
    return {"network_type": kind, "ip_discovery": None if discovery == follows else discovery}


def _logs(deliveries: list[dict[str, Any]]) -> Iterator[Expression]:
    for item in deliveries:
        log_type, details = str(item["LogType"]), item.get("DestinationDetails", {})
        form: dict[str, Expression] = {} if item["LogFormat"] == "json" else {"log_format": item["LogFormat"]}
        if item["DestinationType"] == "kinesis-firehose":
            stream = details["KinesisFirehoseDetails"]["DeliveryStream"]
            yield Call("LogDelivery.to_delivery_stream", [log_type, stream], form)
            continue
        name = "".join(part.capitalize() for part in log_type.split("-"))
        group = _own("logs.LogGroup.from_log_group_name", name, details["CloudWatchLogsDetails"]["LogGroup"])
        yield Call("LogDelivery.to_log_group", [log_type, group], form)


def _topic(arn: str | None) -> Expression | None:
    return None if arn is None else _own("sns.Topic.from_topic_arn", "Topic", arn)


def _own(function: str, construct_id: str, *arguments: Expression, **keywords: Expression) -> Call:
    """Return the call that makes a construct in the stack."""
    return Call(function, [Name("self"), construct_id, *arguments], keywords)


def _imports(body: str) -> list[str]:
    """Return the import statements for what a text of code uses."""
    words = set(re.findall(r"\w+", re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "", body)))
    return [
        "from aws_cdk import App, DefaultStackSynthesizer, Environment, Stack",
        *(f"from aws_cdk import {_MODULES[module]} as {module}" for module in _MODULES if module in words),
        "from constructs import Construct",
        "from elasticache_kit.cdk import (",
        *(f"    {name}," for name in _OWN_NAMES if name in words),
        ")",
    ]


def _comments(notes: tuple[str, ...]) -> list[str]:
    return [
        f"        # {line}"
        for note in notes
        for line in textwrap.wrap(note, WIDTH - len("        # "), break_long_words=False, break_on_hyphens=False)
    ]
