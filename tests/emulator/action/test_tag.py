"""Tags over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, Create, available, code


@pytest.fixture
def arns(client: Client, elasticache: Any, group: Create) -> dict[str, str]:
    """One resource of each kind, by kind."""
    del client
    made = {"replicationgroup": group()["ARN"]}
    available(elasticache)
    elasticache.create_snapshot(SnapshotName="s", CacheClusterId="orders-002")
    parameters = elasticache.create_cache_parameter_group(
        CacheParameterGroupName="p", CacheParameterGroupFamily="valkey8", Description="d"
    )
    made["parametergroup"] = parameters["CacheParameterGroup"]["ARN"]
    made["subnetgroup"] = elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"][0]["ARN"]
    made["user"] = elasticache.describe_users(UserId="default")["Users"][0]["ARN"]
    user_group = elasticache.create_user_group(UserGroupId="g", Engine="redis", UserIds=["default"])
    made["usergroup"] = user_group["ARN"]
    cluster = elasticache.create_cache_cluster(
        CacheClusterId="c", Engine="redis", CacheNodeType="cache.t4g.small", NumCacheNodes=1
    )
    made["cluster"] = cluster["CacheCluster"]["ARN"]
    made["snapshot"] = elasticache.describe_snapshots()["Snapshots"][0]["ARN"]
    serverless = elasticache.create_serverless_cache(ServerlessCacheName="sl", Engine="valkey")
    made["serverlesscache"] = serverless["ServerlessCache"]["ARN"]
    return made


def test_every_kind_of_resource_takes_tags(elasticache: Any, arns: dict[str, str]) -> None:
    """Added, overwritten, listed and taken away again."""
    for kind, arn in arns.items():
        assert f":{kind}:" in arn
        elasticache.add_tags_to_resource(
            ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        )
        added = elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": kind}])["TagList"]
        left = elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=["b"])["TagList"]

        assert len(added) == 2
        assert left == elasticache.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "a", "Value": kind}]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("orders", "InvalidARN"),
        ("arn:aws:elasticache:eu-west-1:123456789012:tree:orders", "InvalidARN"),
        ("arn:aws:elasticache:eu-west-1:999999999999:user:default", "InvalidARN"),
        ("arn:aws:elasticache:us-east-1:123456789012:user:default", "InvalidARN"),
        ("arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:none", "ReplicationGroupNotFoundFault"),
        ("arn:aws:elasticache:eu-west-1:123456789012:cluster:none", "CacheClusterNotFound"),
        ("arn:aws:elasticache:eu-west-1:123456789012:user:none", "UserNotFound"),
        ("arn:aws:elasticache:eu-west-1:123456789012:snapshot:none", "SnapshotNotFoundFault"),
    ],
)
def test_what_is_not_there_has_no_tags(elasticache: Any, arn: str, expected: str) -> None:
    """No ARN, one of nothing, one of another account or Region, one of each kind that is gone."""
    with pytest.raises(ClientError) as caught:
        elasticache.list_tags_for_resource(ResourceName=arn)

    assert code(caught) == expected


def test_fifty_tags_are_the_quota(elasticache: Any) -> None:
    """Over what is there already; a key that is there does not count twice."""
    arn = elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"][0]["ARN"]
    tags = [{"Key": str(number), "Value": ""} for number in range(50)]
    elasticache.add_tags_to_resource(ResourceName=arn, Tags=tags)
    elasticache.add_tags_to_resource(ResourceName=arn, Tags=tags[:1])

    with pytest.raises(ClientError) as caught:
        elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "one-more", "Value": ""}])

    assert code(caught) == "TagQuotaPerResourceExceeded"


def test_a_tag_without_a_key_is_refused(elasticache: Any) -> None:
    """Before anything is made."""
    with pytest.raises(ClientError, match="Every tag has a Key"):
        elasticache.create_user_group(UserGroupId="g", Engine="redis", UserIds=["default"], Tags=[{"Value": "x"}])

    assert len(elasticache.describe_user_groups()["UserGroups"]) == 1


def test_a_tag_that_is_not_there_cannot_be_taken_away(elasticache: Any) -> None:
    """It is named."""
    arn = elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"][0]["ARN"]

    with pytest.raises(ClientError, match="has no tag team") as caught:
        elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=["team"])

    assert code(caught) == "TagNotFound"


def test_a_name_that_is_used_again_starts_without_tags(elasticache: Any) -> None:
    """The tags of what had the name before are gone."""
    spec = {"CacheParameterGroupName": "p", "CacheParameterGroupFamily": "valkey8", "Description": "d"}
    elasticache.create_cache_parameter_group(**spec, Tags=[{"Key": "team", "Value": "shop"}])
    elasticache.delete_cache_parameter_group(CacheParameterGroupName="p")

    arn = elasticache.create_cache_parameter_group(**spec)["CacheParameterGroup"]["ARN"]

    assert elasticache.list_tags_for_resource(ResourceName=arn)["TagList"] == []
