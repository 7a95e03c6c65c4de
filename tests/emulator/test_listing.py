"""What the listings of the API share, and boto3's waiters; their pages are held by tests/contract/test_page.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets

_PROBE: Any = boto3.client("elasticache", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106 - never used
WAITERS = tuple(_PROBE.waiter_names)
MANY = 5


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator without engines."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as running:
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Client:
    """Make clients of a Region with some of what costs nothing, some clusters, and a group."""
    client = client_of(emulator.endpoint_url)
    subnets = make_subnets(client, "abc")
    make_subnet_group(client, subnets)
    api = client("elasticache")
    for number in range(MANY):
        name = f"n{number:02}"
        api.create_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=subnets[:1])
        api.create_user(UserId=name, UserName=name, Engine="redis", AccessString="on", NoPasswordRequired=True)
        api.create_user_group(UserGroupId=f"g{name}", Engine="redis", UserIds=["default"])
        api.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="d"
        )
        api.create_cache_cluster(
            CacheClusterId=name, Engine="memcached", CacheNodeType="cache.t4g.small", NumCacheNodes=1
        )
    make_group(client)
    available(api)
    return client


def result_key(operation: str) -> str:
    """Return the member of an answer that lists."""
    return str(_PROBE.get_paginator(operation).result_keys[0].expression)


@pytest.mark.parametrize("waiter", WAITERS)
def test_every_waiter_of_boto3_ends(client: Client, waiter: str) -> None:
    """What is there is available, and what never was is deleted; a waiter for the contrary gives up."""
    api = client("elasticache")
    kind = "ReplicationGroupId" if waiter.startswith("replication_group") else "CacheClusterId"
    there = "orders" if kind == "ReplicationGroupId" else "n00"
    name = {kind: "gone" if waiter.endswith("deleted") else there}

    api.get_waiter(waiter).wait(**name, WaiterConfig={"Delay": 0, "MaxAttempts": 40})


Change = Callable[[str], str]


@pytest.mark.parametrize("change", [str.upper, str.title])
@pytest.mark.parametrize(
    ("operation", "member", "name"),
    [
        ("describe_cache_clusters", "CacheClusterId", "n03"),
        ("describe_replication_groups", "ReplicationGroupId", "orders"),
        ("describe_cache_subnet_groups", "CacheSubnetGroupName", "net"),
        ("describe_cache_parameter_groups", "CacheParameterGroupName", "n03"),
        ("describe_users", "UserId", "n03"),
        ("describe_user_groups", "UserGroupId", "gn03"),
    ],
)
def test_a_name_in_any_case(client: Client, operation: str, member: str, name: str, change: Change) -> None:
    """Names are found in any case, and shown in lower case."""
    found = getattr(client("elasticache"), operation)(**{member: change(name)})[result_key(operation)]

    assert [item[member] for item in found] == [name]


def test_nodes_are_shown_where_asked_for(client: Client) -> None:
    """ShowCacheNodeInfo shows them; left out it does not."""
    api = client("elasticache")

    (plain,) = api.describe_cache_clusters(CacheClusterId="n00")["CacheClusters"]
    (shown,) = api.describe_cache_clusters(CacheClusterId="n00", ShowCacheNodeInfo=True)["CacheClusters"]

    assert "CacheNodes" not in plain
    assert [node["CacheNodeId"] for node in shown["CacheNodes"]] == ["0001"]


def test_clusters_outside_of_groups(client: Client) -> None:
    """The filter leaves the members of groups out."""
    pages_ = client("elasticache").get_paginator("describe_cache_clusters")
    found = pages_.paginate(ShowCacheClustersNotInReplicationGroups=True)
    names = [item["CacheClusterId"] for page in found for item in page["CacheClusters"]]

    assert len(names) == MANY
    assert not [name for name in names if name.startswith("orders")]


@pytest.mark.parametrize(
    ("filters", "number"),
    [([{"Name": "user-id", "Values": ["n01", "n02"]}], 2), ([{"Name": "engine", "Values": ["valkey"]}], 0)],
)
def test_users_by_filter(client: Client, filters: list[dict[str, Any]], number: int) -> None:
    """By id and by engine."""
    found = client("elasticache").describe_users(Filters=filters)["Users"]

    assert len([item for item in found if item["UserId"].startswith("n")]) == number


def test_regions_know_nothing_of_each_other(emulator: Emulator, client: Client) -> None:
    """One has the group, another has none, and may have one of the same name; the ARNs tell them apart."""
    other = client_of(emulator.endpoint_url, "us-east-1")
    assert other("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    make_subnet_group(other, make_subnets(other, "abc"))

    make_group(other)

    arns = [available(place("elasticache"))["ARN"] for place in (client, other)]
    assert [arn.split(":")[3] for arn in arns] == ["eu-west-1", "us-east-1"]


def test_accounts_know_nothing_of_each_other(emulator: Emulator, client: Client) -> None:
    """A role of another account leads to another ElastiCache, with ARNs of its own."""
    role = client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/other", RoleSessionName="other")
    keys = role["Credentials"]
    other = boto3.client(
        "elasticache", endpoint_url=emulator.endpoint_url, region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )  # fmt: skip

    assert other.describe_replication_groups()["ReplicationGroups"] == []
    made = other.create_user_group(UserGroupId="theirs", Engine="redis", UserIds=["default"])
    assert made["ARN"].split(":")[4] == "111122223333"
    with pytest.raises(ClientError):
        client("elasticache").describe_user_groups(UserGroupId="theirs")


def test_moto_is_told_the_account(emulator: Emulator, client: Client) -> None:
    """The header by which moto's users choose an account chooses it here, too, whatever the credentials are."""
    other = client_of(emulator.endpoint_url)("elasticache")

    def elsewhere(params: dict[str, Any], **_: object) -> None:
        params["headers"]["x-moto-account-id"] = "444455556666"

    other.meta.events.register("before-call.elasticache", elsewhere)

    made = other.create_user_group(UserGroupId="theirs", Engine="redis", UserIds=["default"])

    assert made["ARN"].split(":")[4] == "444455556666"
    found = {item["UserGroupId"] for item in other.describe_user_groups()["UserGroups"]}
    assert found == {"theirs", "default.iam-user-group"}
    api = client("elasticache")
    with pytest.raises(api.exceptions.UserGroupNotFoundFault):
        api.describe_user_groups(UserGroupId="theirs")
