"""Replication groups over the wire, without engines."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, retries

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1}


def test_a_new_group_is_creating_and_then_available(elasticache: Any, group: Create) -> None:
    """The answer to the creation says creating; boto3's waiter sees it become available."""
    created = group()

    assert created["Status"] == "creating"
    elasticache.get_waiter("replication_group_available").wait(
        ReplicationGroupId="orders", WaiterConfig={"Delay": 0.02, "MaxAttempts": 200}
    )


def test_members_are_numbered_and_spread_over_the_zones(elasticache: Any, group: Create) -> None:
    """Cluster mode disabled: orders-001 to -003, one primary, zones in turn, no configuration endpoint."""
    group()

    described = available(elasticache)

    node_group = described["NodeGroups"][0]
    assert described["MemberClusters"] == ["orders-001", "orders-002", "orders-003"]
    assert [item["CurrentRole"] for item in node_group["NodeGroupMembers"]] == ["primary", "replica", "replica"]
    assert [item["PreferredAvailabilityZone"] for item in node_group["NodeGroupMembers"]] == [
        "eu-west-1a", "eu-west-1b", "eu-west-1c",
    ]  # fmt: skip
    assert node_group["PrimaryEndpoint"]["Port"] == node_group["ReaderEndpoint"]["Port"] == 6379
    assert "ConfigurationEndpoint" not in described
    assert described["ClusterEnabled"] is False


def test_a_sharded_group_has_slots_and_a_configuration_endpoint(elasticache: Any, group: Create) -> None:
    """Cluster mode enabled: the slots cover 0-16383, roles and node endpoints are not shown, as on AWS."""
    group(**SHARDED)

    described = available(elasticache)

    assert [item["Slots"] for item in described["NodeGroups"]] == ["0-5461", "5462-10922", "10923-16383"]
    assert described["MemberClusters"][:3] == ["orders-0001-001", "orders-0001-002", "orders-0002-001"]
    assert described["ConfigurationEndpoint"]["Port"] == 6379
    assert all("PrimaryEndpoint" not in item for item in described["NodeGroups"])
    assert all("CurrentRole" not in member for item in described["NodeGroups"] for member in item["NodeGroupMembers"])
    assert described["ClusterEnabled"] is True


def test_ids_are_folded_to_lower_case(elasticache: Any, group: Create) -> None:
    """ElastiCache stores ids in lower case and finds them in any."""
    assert group(ReplicationGroupId="Orders")["ReplicationGroupId"] == "orders"

    assert available(elasticache, "ORDERS")["ReplicationGroupId"] == "orders"


def test_an_id_is_used_once(group: Create) -> None:
    """A second group of the same id is refused with AWS's code."""
    group()

    with pytest.raises(ClientError) as caught:
        group()

    assert code(caught) == "ReplicationGroupAlreadyExists"


def test_the_rulebook_answers_with_aws_codes(group: Create) -> None:
    """Automatic failover without a replica is the combination that AWS refuses in these words."""
    with pytest.raises(ClientError) as caught:
        group(NumCacheClusters=1)

    assert code(caught) == "InvalidParameterCombination"
    assert "When using automatic failover, there must be at least 2 cache clusters" in str(caught.value)


def test_data_that_are_not_there_are_refused(group: Create) -> None:
    """An empty group would be a lie."""
    with pytest.raises(ClientError, match="SnapshotArns: there is no object"):
        group(SnapshotArns=["arn:aws:s3:::bucket/dump.rdb"])


def test_a_topic_that_does_not_exist_is_refused(group: Create) -> None:
    """Nobody would ever be told."""
    with pytest.raises(ClientError, match="does not exist in this account"):
        group(NotificationTopicArn="arn:aws:sns:eu-west-1:123456789012:topic")


def test_what_asks_for_nothing_new_is_taken(elasticache: Any, group: Create) -> None:
    """The service's own defaults may be said."""
    group(NetworkType="ipv4", IpDiscovery="ipv4", DataTieringEnabled=False)

    assert available(elasticache)["NetworkType"] == "ipv4"


def test_the_rulebook_comes_before_what_is_missing(group: Create) -> None:
    """A token that AWS refuses is refused with AWS's reason, whether or not tokens are here."""
    with pytest.raises(ClientError) as caught:
        group(AuthToken="short")

    assert "not implemented" not in str(caught.value)
    assert "short" not in str(caught.value)


def test_tags_are_kept(elasticache: Any, group: Create) -> None:
    """A group and its nodes bear the tags of the request."""
    made = group(Tags=[{"Key": "team", "Value": "orders"}])
    node = elasticache.describe_cache_clusters(CacheClusterId="orders-001")["CacheClusters"][0]

    for arn in (made["ARN"], node["ARN"]):
        listed = elasticache.list_tags_for_resource(ResourceName=arn)["TagList"]
        assert listed == [{"Key": "team", "Value": "orders"}]


def test_members_are_cache_clusters_too(elasticache: Any, group: Create) -> None:
    """DescribeCacheClusters shows each node, with its endpoint where node information is asked for."""
    group()
    available(elasticache)

    listed = elasticache.describe_cache_clusters()["CacheClusters"]
    detailed = elasticache.describe_cache_clusters(CacheClusterId="orders-002", ShowCacheNodeInfo=True)["CacheClusters"]

    assert [item["CacheClusterId"] for item in listed] == ["orders-001", "orders-002", "orders-003"]
    assert all(item.get("CacheNodes", []) == [] for item in listed)
    assert detailed[0]["CacheNodes"][0]["Endpoint"]["Port"] == 6379
    assert detailed[0]["EngineVersion"] == "8.1"


def test_a_change_is_seen_when_it_is_done(elasticache: Any, group: Create) -> None:
    """The answer says modifying, afterwards the group is available with the new values."""
    group()
    available(elasticache)

    answered = elasticache.modify_replication_group(
        ReplicationGroupId="orders", SnapshotRetentionLimit=7, CacheNodeType="cache.t4g.medium", ApplyImmediately=True
    )["ReplicationGroup"]

    assert answered["Status"] == "modifying"
    described = available(elasticache)
    assert (described["SnapshotRetentionLimit"], described["CacheNodeType"]) == (7, "cache.t4g.medium")


@pytest.mark.parametrize("shape", [{}, SHARDED])
def test_replicas_come_and_go(elasticache: Any, group: Create, shape: dict[str, Any]) -> None:
    """Each node group gets or loses replicas; the ids of the ones that stay do not change."""
    group(**shape)
    before = available(elasticache)["MemberClusters"]

    elasticache.increase_replica_count(ReplicationGroupId="orders", NewReplicaCount=4, ApplyImmediately=True)
    more = available(elasticache)["MemberClusters"]
    elasticache.decrease_replica_count(ReplicationGroupId="orders", NewReplicaCount=1, ApplyImmediately=True)
    fewer = available(elasticache)["MemberClusters"]

    groups = 3 if shape else 1
    assert len(more) == 5 * groups
    assert set(before) <= set(more)
    assert len(fewer) == 2 * groups


def test_replicas_come_and_go_by_node_group(elasticache: Any, group: Create) -> None:
    """One shard gets a replica in a zone that is named; a replica goes by its id."""
    group(**SHARDED)
    available(elasticache)

    elasticache.increase_replica_count(
        ReplicationGroupId="orders",
        ReplicaConfiguration=[
            {"NodeGroupId": "0002", "NewReplicaCount": 2, "PreferredAvailabilityZones": ["eu-west-1c"]}
        ],
        ApplyImmediately=True,
    )
    more = available(elasticache)["NodeGroups"]
    elasticache.decrease_replica_count(
        ReplicationGroupId="orders", ReplicasToRemove=["orders-0002-002"], ApplyImmediately=True
    )
    fewer = available(elasticache)["NodeGroups"]

    assert [len(item["NodeGroupMembers"]) for item in more] == [2, 3, 2]
    assert more[1]["NodeGroupMembers"][2]["PreferredAvailabilityZone"] == "eu-west-1c"
    assert [item["CacheClusterId"] for item in fewer[1]["NodeGroupMembers"]] == ["orders-0002-001", "orders-0002-003"]
    assert [item["Slots"] for item in fewer] == ["0-5461", "5462-10922", "10923-16383"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "InvalidParameterCombination"),
        ({"NewReplicaCount": 1, "ReplicasToRemove": ["orders-002"]}, "InvalidParameterCombination"),
        ({"ReplicasToRemove": ["orders-001"]}, "InvalidParameterValue"),
        ({"NewReplicaCount": 3}, "InvalidParameterValue"),
        ({"NewReplicaCount": 2}, "NoOperationFault"),
        ({"ReplicaConfiguration": [{"NodeGroupId": "0009", "NewReplicaCount": 1}]}, "NodeGroupNotFoundFault"),
    ],
)
def test_a_number_of_replicas_that_does_not_fit_is_refused(
    elasticache: Any, group: Create, asked: dict[str, Any], expected: str
) -> None:
    """Nothing said, said twice, the primary, more instead of fewer, no change, no such shard."""
    group()
    available(elasticache)

    with pytest.raises(ClientError) as caught:
        elasticache.decrease_replica_count(ReplicationGroupId="orders", ApplyImmediately=True, **asked)

    assert code(caught) == expected


def test_multi_az_keeps_a_replica(elasticache: Any, group: Create) -> None:
    """The last replica of a Multi-AZ group stays."""
    group()
    available(elasticache)

    with pytest.raises(ClientError) as caught:
        elasticache.decrease_replica_count(ReplicationGroupId="orders", NewReplicaCount=0, ApplyImmediately=True)

    assert code(caught).startswith("InvalidParameter")


def test_a_deleted_group_is_gone_and_its_id_is_free(elasticache: Any, group: Create) -> None:
    """boto3's waiter sees the deletion end; stock moto keeps the group for ever."""
    group()
    available(elasticache)

    assert elasticache.delete_replication_group(ReplicationGroupId="orders")["ReplicationGroup"]["Status"] == "deleting"

    elasticache.get_waiter("replication_group_deleted").wait(
        ReplicationGroupId="orders", WaiterConfig={"Delay": 0.02, "MaxAttempts": 200}
    )
    group()


def test_an_unknown_group_is_not_found(elasticache: Any) -> None:
    """The class of the error is the one that botocore's model gives."""
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId="none")


def test_groups_come_in_pages(elasticache: Any, group: Create) -> None:
    """boto3's paginator sees every group once."""
    for number in range(25):
        group(ReplicationGroupId=f"g{number:02}", NumCacheClusters=2)

    pages = list(elasticache.get_paginator("describe_replication_groups").paginate(PaginationConfig={"PageSize": 20}))

    assert [len(page["ReplicationGroups"]) for page in pages] == [20, 5]
    assert len({item["ReplicationGroupId"] for page in pages for item in page["ReplicationGroups"]}) == 25


def test_an_operation_that_does_not_exist_here_is_refused_at_once(elasticache: Any) -> None:
    """No SDK retries it, no traceback is served."""

    def misspell(params: dict[str, Any], **_: object) -> None:
        params["body"]["Action"] = "DescribeNothing"

    elasticache.meta.events.register("before-call.elasticache", misspell)
    with pytest.raises(ClientError) as caught:
        elasticache.describe_replication_groups()

    assert code(caught) == "InvalidAction"
    assert retries(caught) == 0
