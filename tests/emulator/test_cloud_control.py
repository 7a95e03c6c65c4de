"""The Cloud Control API: what the CDK CLI asks where a construct looks a cache up."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import botocore.session
import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator.resource_model import TYPES
from tests.emulator.wire import Client, available, code, make_group, make_subnet_group, make_subnets, retries

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

GROUP = "AWS::ElastiCache::ReplicationGroup"


@pytest.fixture
def orders(client: Client) -> list[str]:
    """A replication group of three nodes with a security group and a tag; returns its subnets."""
    subnets = make_subnets(client, "abc")
    make_subnet_group(client, subnets)
    make_group(client, SecurityGroupIds=["sg-1"], Tags=[{"Key": "team", "Value": "orders"}], SnapshotRetentionLimit=2)
    available(client("elasticache"))
    return subnets


def read(client: Client, kind: str, identifier: str) -> Any:
    """Read a resource."""
    answer = client("cloudcontrol").get_resource(TypeName=kind, Identifier=identifier)
    assert answer["ResourceDescription"]["Identifier"] == identifier.lower()
    return json.loads(answer["ResourceDescription"]["Properties"])


@pytest.mark.usefixtures("orders")
def test_a_group_is_told_in_the_form_of_cloudformation(client: Client) -> None:
    """With its endpoints; without what the schema calls write-only."""
    found = read(client, GROUP, "Orders")

    shown = available(client("elasticache"))["NodeGroups"][0]
    assert found["PrimaryEndPoint"] == {"Address": shown["PrimaryEndpoint"]["Address"], "Port": "6379"}
    assert found["ReaderEndPoint"]["Address"] == shown["ReaderEndpoint"]["Address"]
    assert len(found["ReadEndPoint"]["AddressesList"]) == 3
    assert (found["ClusterMode"], found["NumCacheClusters"], found["MultiAZEnabled"]) == ("disabled", 3, True)
    assert found["Tags"] == [{"Key": "team", "Value": "orders"}]
    assert found["SnapshotRetentionLimit"] == 2
    assert not {"ConfigurationEndPoint", "EngineVersion", "SecurityGroupIds", "CacheSubnetGroupName"} & found.keys()


@pytest.mark.usefixtures("orders")
def test_a_sharded_group_has_one_endpoint(client: Client) -> None:
    """The configuration endpoint, as text and number."""
    make_group(client, ReplicationGroupId="sharded", NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    shown = available(client("elasticache"), "sharded")

    found = read(client, GROUP, "sharded")

    assert found["ConfigurationEndPoint"]["Address"] == shown["ConfigurationEndpoint"]["Address"]
    assert not {"PrimaryEndPoint", "ReaderEndPoint", "ReadEndPoint", "NumNodeGroups"} & found.keys()
    assert (found["ClusterMode"], found["ReplicasPerNodeGroup"]) == ("enabled", 1)


def test_a_node_tells_what_its_group_does_not(client: Client, orders: list[str]) -> None:
    """Version and security groups; and the groups around it are told too."""
    client("elasticache").create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="valkey8", Description="d"
    )

    node = read(client, "AWS::ElastiCache::CacheCluster", "orders-001")
    subnet_group = read(client, "AWS::ElastiCache::SubnetGroup", "net")
    parameters = read(client, "AWS::ElastiCache::ParameterGroup", "mine")

    listed = client("cloudcontrol").list_resources(TypeName="AWS::ElastiCache::CacheCluster")["ResourceDescriptions"]
    assert [item["Identifier"] for item in listed] == ["orders-001", "orders-002", "orders-003"]
    assert (node["EngineVersion"], node["VpcSecurityGroupIds"]) == ("8.1", ["sg-1"])
    assert subnet_group == {"CacheSubnetGroupName": "net", "Description": "d", "SubnetIds": orders}
    assert parameters["CacheParameterGroupFamily"] == "valkey8"


def test_a_list_comes_in_pages(client: Client) -> None:
    """Each says where the next one begins."""
    make_subnet_group(client, make_subnets(client, "ab"))
    for name in ("a", "b", "c"):
        client("elasticache").create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="d"
        )

    api, kind = client("cloudcontrol"), "AWS::ElastiCache::ParameterGroup"
    first = api.list_resources(TypeName=kind, MaxResults=2)
    second = api.list_resources(TypeName=kind, MaxResults=2, NextToken=first["NextToken"])

    assert [item["Identifier"] for item in first["ResourceDescriptions"]] == ["a", "b"]
    assert [item["Identifier"] for item in second["ResourceDescriptions"]] == ["c"]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (GROUP, "ResourceNotFoundException"),
        ("AWS::EC2::VPC", "UnsupportedActionException"),
        ("Mine::Own::Type", "TypeNotFoundException"),
    ],
)
def test_what_it_cannot_tell_has_the_code_of_aws(client: Client, kind: str, expected: str) -> None:
    """And is not asked for again."""
    with pytest.raises(ClientError) as caught:
        client("cloudcontrol").get_resource(TypeName=kind, Identifier="missing")

    assert (code(caught), retries(caught)) == (expected, 0)


def test_it_changes_nothing(client: Client) -> None:
    """The other operations are refused by name."""
    with pytest.raises(ClientError, match="DeleteResource is not implemented") as caught:
        client("cloudcontrol").delete_resource(TypeName=GROUP, Identifier="orders")

    assert code(caught) == "UnsupportedActionException"


def test_a_request_without_a_signature_is_refused(control_plane: Emulator) -> None:
    """Its region would be anybody's guess."""
    request = urllib.request.Request(  # noqa: S310 - the emulator's own address
        control_plane.endpoint_url,
        data=json.dumps({"TypeName": GROUP, "Identifier": "orders"}).encode(),
        headers={"X-Amz-Target": "CloudApiService.GetResource"},
    )
    with pytest.raises(HTTPError) as caught, urllib.request.urlopen(request, timeout=10):  # noqa: S310 - as above
        pass

    assert json.load(caught.value)["__type"] == "InvalidCredentialsException"


def test_the_types_are_those_of_aws() -> None:
    """What is called write-only, and what identifies a resource, is what AWS's own schemas say."""
    cfnlint = pytest.importorskip("cfnlint.schema")
    manager = cfnlint.PROVIDER_SCHEMA_MANAGER

    for name, kind in TYPES.items():
        schema = manager.get_resource_schema("us-east-1", name).schema
        assert {f"/properties/{item}" for item in kind.write_only} == set(schema.get("writeOnlyProperties", []))
        assert schema["primaryIdentifier"] == [f"/properties/{kind.identifier}"]
    assert "cloudcontrol" in botocore.session.get_session().get_available_services()
