"""The source that adopts a group: it runs, and the template it gives is the group."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.cdk import RedisVersion, ValkeyVersion
from elasticache_kit.model.engine import Engine, EngineVersion, versions
from elasticache_kit.model.parameter import default_parameter_group
from elasticache_kit.ops import adoption
from elasticache_kit.ops.adoption import Observed
from elasticache_kit.ops.construct_source import SECRET_TO_NAME, arguments, source
from elasticache_kit.ops.expression import render

GROUP = "AWS::ElastiCache::ReplicationGroup"
ACCOUNT, REGION = "123456789012", "eu-west-1"
ARN = f"{REGION}:{ACCOUNT}"
# What ElastiCache takes where a template says nothing.
DEFAULTS: dict[str, tuple[object, ...]] = {
    "ClusterMode": ("disabled",),
    "Durability": ("default", "disabled"),
    "IpDiscovery": ("ipv4",),
    "NetworkType": ("ipv4",),
    "Port": (6379,),
    "TransitEncryptionMode": ("required",),
}
TEXT = st.text(alphabet="aB \"'\\é{}$#%", min_size=1, max_size=60)


def observed(**changes: Any) -> Observed:
    """Return a group with two nodes that has nothing special; changes go to its properties."""
    properties: dict[str, Any] = {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "Orders",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.t4g.small",
        "CacheParameterGroupName": "default.valkey8",
        "CacheSubnetGroupName": "private",
        "SecurityGroupIds": ["sg-1"],
        "ClusterMode": "disabled",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "Port": 6379,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "SnapshotRetentionLimit": 15,
        "AutoMinorVersionUpgrade": True,
        **changes,
    }
    return around({name: value for name, value in properties.items() if value is not None})


def around(properties: dict[str, Any], **more: Any) -> Observed:
    """Return a group with what is around it."""
    return Observed(
        account=ACCOUNT,
        region=REGION,
        properties=properties,
        vpc_id="vpc-1",
        availability_zones=("eu-west-1a", "eu-west-1b"),
        **more,
    )


def sharded(**changes: Any) -> Observed:
    """Return a group with three node groups and a replica in each."""
    sizes = {"NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1}
    mode = {"ClusterMode": "enabled", "CacheParameterGroupName": "default.valkey8.cluster.on"}
    return observed(**{**sizes, **mode, **changes})


def template(group: Observed, *, construct_id: str = "Cache", secret: str | None = None) -> dict[str, Any]:
    """Run the source and return the resources of its stack."""
    names: dict[str, Any] = {"__name__": "adopted"}
    text = source(group, stack="my-orders", construct_id=construct_id, secret=secret)
    exec(compile(text, "adopted.py", "exec"), names)  # noqa: S102 - to run the source is what is tested
    made = names["MyOrdersStack"](App(), "my-orders", env=Environment(account=ACCOUNT, region=REGION))
    assert isinstance(made, Stack)
    return Template.from_stack(made).to_json()["Resources"]


def given_names(group: Observed) -> set[str]:
    """Return the arguments that the source gives beside those that every group needs."""
    always = {"vpc", "cache_subnet_group", "security_groups", "engine_version"}
    return arguments(group).keys() - always - {"replication_group_id", "replication_group_description"}


@st.composite
def groups(draw: st.DrawFn) -> Observed:
    """Draw a group that ElastiCache accepts."""
    version = draw(
        st.sampled_from([
            *(EngineVersion.of(Engine.VALKEY, number) for number in ("7.2", "8.0", "8.1", "8.2", "9.0")),
            *(EngineVersion.of(Engine.REDIS, number) for number in ("6.2", "7.0", "7.1")),
        ])
    )  # fmt: skip
    mode = draw(st.sampled_from(["disabled", "enabled"]))
    replicas = draw(st.integers(0, 5))
    zones = replicas > 0 and draw(st.booleans())
    failover = mode == "enabled" or zones or (replicas > 0 and draw(st.booleans()))
    sizes: dict[str, Any] = {"NumCacheClusters": replicas + 1}
    if mode == "enabled":
        sizes = {"NumNodeGroups": draw(st.integers(1, 6)), "ReplicasPerNodeGroup": replicas}
        if not replicas and draw(st.booleans()):
            each = [{"NodeGroupId": f"{number:04}", "ReplicaCount": number % 2} for number in range(1, 4)]
            sizes, zones = {"NumNodeGroups": 3, "NodeGroupConfiguration": each}, False
    tls = draw(st.booleans())
    at_rest = draw(st.booleans())
    users = tls and version >= EngineVersion.of(version.engine, "6.2") and draw(st.booleans())
    token = tls and not users and draw(st.booleans())
    retention = draw(st.integers(0, 35))
    default = default_parameter_group(version.family, mode == "enabled")
    network, discovery = draw(st.sampled_from([("ipv4", "ipv4"), ("ipv6", "ipv6"), ("dual_stack", "ipv4")]))
    optional: dict[str, st.SearchStrategy[Any]] = {
        "KmsKeyId": st.just(f"arn:aws:kms:{ARN}:key/abc") if at_rest else st.none(),
        "UserGroupIds": st.just(["users"]) if users else st.none(),
        "SnapshotWindow": st.just("03:00-05:00") if retention else st.none(),
        "PreferredMaintenanceWindow": st.just("sun:23:00-mon:01:30"),
        "NotificationTopicArn": st.just(f"arn:aws:sns:{ARN}:events"),
        "Tags": st.dictionaries(st.sampled_from(["team", "env"]), TEXT, min_size=1).map(
            lambda tags: [{"Key": key, "Value": value} for key, value in tags.items()]
        ),
        "LogDeliveryConfigurations": st.lists(st.sampled_from(LOGS), min_size=1, unique_by=lambda log: log["LogType"]),
    }
    properties = observed(
        **sizes if mode == "disabled" else {"NumCacheClusters": None, **sizes},
        ReplicationGroupDescription=draw(TEXT),
        Engine=version.engine.value,
        EngineVersion=version.version,
        CacheNodeType=draw(st.sampled_from(["cache.t4g.small", "cache.r7g.large", "cache.m7g.xlarge"])),
        CacheParameterGroupName=draw(st.sampled_from([default, "mine"])),
        SecurityGroupIds=draw(st.lists(st.sampled_from(["sg-1", "sg-2", "sg-3"]), min_size=1, unique=True)),
        ClusterMode=mode,
        AutomaticFailoverEnabled=failover,
        MultiAZEnabled=zones,
        TransitEncryptionEnabled=tls,
        TransitEncryptionMode="required" if tls else None,
        AtRestEncryptionEnabled=at_rest,
        Port=draw(st.sampled_from([6379, 6390])),
        NetworkType=network,
        IpDiscovery=discovery,
        SnapshotRetentionLimit=retention,
        AutoMinorVersionUpgrade=draw(st.booleans()),
        **{name: draw(st.none() | values) for name, values in optional.items()},
    ).properties
    return around(dict(properties), auth_token_enabled=token)


LOGS: list[dict[str, Any]] = [
    {
        "LogType": "slow-log",
        "LogFormat": "json",
        "DestinationType": "cloudwatch-logs",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
    },
    {
        "LogType": "engine-log",
        "LogFormat": "text",
        "DestinationType": "kinesis-firehose",
        "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "engine"}},
    },
]


@given(groups())
@settings(max_examples=25, deadline=None)
def test_the_template_is_the_group(group: Observed) -> None:
    """Every property of it is as observed, and what it leaves out is ElastiCache's own default."""
    resources = template(group, secret="mine")  # noqa: S106 - the name of a secret

    assert [item["Type"] for item in resources.values()] == [GROUP], "all around it is referred to"
    (cache,) = resources.values()
    made, wanted = cache["Properties"], dict(group.properties)
    assert ("AuthToken" in made) is group.auth_token_enabled
    made.pop("AuthToken", None)
    for each in (made, wanted):
        each["Tags"] = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
    if wanted["NetworkType"] == "ipv6":
        assert made.pop("IpDiscovery") == wanted.pop("IpDiscovery")
    left_out = {name: value for name, value in wanted.items() if name not in made}
    assert made == {name: value for name, value in wanted.items() if name in made}
    assert all(value in DEFAULTS.get(name, ()) for name, value in left_out.items()), left_out
    assert cache["DeletionPolicy"] == "Snapshot"


@pytest.mark.parametrize("construct_id", ["Cache", "A", "orders2"])
def test_the_mapping_names_the_logical_id_of_the_template(construct_id: str) -> None:
    """The CDK makes it of the path, and so does the mapping."""
    resources = template(observed(), construct_id=construct_id)

    assert list(resources) == [adoption.logical_id(construct_id)]
    assert adoption.mapping(observed(), construct_id) == {next(iter(resources)): {"ReplicationGroupId": "orders"}}


def test_nothing_is_said_that_the_constructs_do_by_themselves() -> None:
    """The negative: what differs is said."""
    assert given_names(observed()) == set()
    assert given_names(sharded()) == set()
    assert given_names(observed(NumCacheClusters=1, AutomaticFailoverEnabled=False, MultiAZEnabled=False)) == {
        "num_cache_clusters"
    }
    assert given_names(sharded(NumNodeGroups=2, MultiAZEnabled=False)) == {"num_node_groups", "multi_az_enabled"}


def test_a_group_on_the_way_to_cluster_mode_stays_on_it() -> None:
    """Compatible is an argument of ReplicationGroup."""
    group = observed(ClusterMode="compatible", CacheParameterGroupName="default.valkey8.cluster.on")

    assert given_names(group) == {"cluster_mode"}
    (cache,) = template(group).values()
    assert cache["Properties"]["ClusterMode"] == "compatible"


def test_a_token_that_the_api_does_not_tell_is_the_users_to_name() -> None:
    """The code says so, and with a name it does not."""
    group = around(dict(observed().properties), auth_token_enabled=True)

    open_, named = (source(group, stack="s", construct_id="Cache", secret=name) for name in (None, "orders/token"))

    assert SECRET_TO_NAME in open_
    assert "# Clients send an AUTH token" in open_
    assert '"orders/token"' in named
    assert "Clients send an AUTH token" not in named
    (cache,) = template(group, secret="orders/token").values()  # noqa: S106 - the name of a secret
    assert "{{resolve:secretsmanager:" in str(cache["Properties"]["AuthToken"])


def test_every_version_is_written_as_what_it_is() -> None:
    """By its name where it has one, which must be there, and as text where it has none."""
    names = {"ValkeyVersion": ValkeyVersion, "RedisVersion": RedisVersion}
    offered = [*versions(Engine.VALKEY), *versions(Engine.REDIS), EngineVersion.of(Engine.VALKEY, "12.3")]

    for version in offered:
        written = arguments(observed(Engine=version.engine.value, EngineVersion=version.version))["engine_version"]
        assert eval(render(written), names) == version  # noqa: S307 - to run the source is what is tested


@pytest.mark.parametrize("width", ["88", "120"])
def test_the_source_is_laid_out_as_formatters_do_it(tmp_path: Path, width: str) -> None:
    """Whichever of the usual widths they take; its imports are in order and all of them are used."""
    full = sharded(SecurityGroupIds=["sg-1", "sg-2"], LogDeliveryConfigurations=LOGS, KmsKeyId="abc")
    for name, group in {
        "one.py": observed(UserGroupIds=["users"], CacheParameterGroupName="mine"),
        "two.py": full,
    }.items():
        (tmp_path / name).write_text(source(group, stack="orders", construct_id="Cache"))

    for words in (["format", "--check", "--diff"], ["check", "--select", "E,F,I,W", "--ignore", "E501"]):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ruff")), *words, "--isolated", "--line-length", width, "."],
            cwd=tmp_path, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
