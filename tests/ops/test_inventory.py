"""Observing what exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.errors import NotFoundError
from elasticache_kit.ops.inventory import Endpoint, replication_group

if TYPE_CHECKING:
    from tests.ops.scripted import Api


def test_a_group_has_its_members_with_role_address_zone_and_status(api: Api) -> None:
    """Roles come from the group, addresses and statuses from the cache clusters."""
    api.group(TransitEncryptionEnabled=True, UserGroupIds=["readers"])

    group = replication_group(api.session, "orders")

    (node_group,) = group.node_groups
    primary, replica = node_group.members
    assert (primary.cache_cluster_id, primary.role, primary.availability_zone) == (
        "orders-001",
        "primary",
        "us-east-1a",
    )
    assert (replica.role, replica.status) == ("replica", "available")
    assert replica.endpoint == Endpoint("orders-002.example", 6379)
    assert node_group.primary_endpoint == Endpoint("primary.example", 6379)
    assert (group.engine, group.engine_version) == ("valkey", "8.1.0")
    assert group.transit_encryption
    assert group.user_group_ids == ("readers",)


def test_roles_are_unknown_with_cluster_mode_enabled(api: Api) -> None:
    """The API tells no roles there, and nothing is guessed."""
    api.group(
        ClusterEnabled=True,
        ConfigurationEndpoint={"Address": "config.example", "Port": 6379},
        NodeGroups=[
            {
                "NodeGroupId": "0001",
                "Slots": "0-16383",
                "NodeGroupMembers": [{"CacheClusterId": "orders-001", "CacheNodeId": "0001"}],
            }
        ],
    )

    group = replication_group(api.session, "orders")

    assert group.configuration_endpoint == Endpoint("config.example", 6379)
    assert group.node_groups[0].slots == "0-16383"
    assert [member.role for member in group.node_groups[0].members] == [None]


def test_a_group_that_is_being_created_has_no_endpoints(api: Api) -> None:
    """What the API leaves out is None, not an error."""
    api.group(Status="creating", NodeGroups=[{"NodeGroupId": "0001", "Status": "creating"}])

    (node_group,) = replication_group(api.session, "orders").node_groups

    assert node_group.primary_endpoint is None
    assert node_group.members == ()


def test_an_unknown_group_is_answered_with_those_that_exist(api: Api) -> None:
    """A typo is seen at a glance."""
    api.ask.add_client_error("describe_replication_groups", "ReplicationGroupNotFoundFault")
    api.ask.add_response(
        "describe_replication_groups",
        {"ReplicationGroups": [{"ReplicationGroupId": "sessions"}, {"ReplicationGroupId": "orders"}]},
    )

    with pytest.raises(NotFoundError) as caught:
        replication_group(api.session, "ordesr")

    assert str(caught.value) == "there is no replication group 'ordesr' in us-east-1; there are: orders, sessions"


def test_an_unknown_group_in_an_empty_region_says_that_there_is_none(api: Api) -> None:
    """The wrong region is seen at a glance."""
    api.ask.add_client_error("describe_replication_groups", "ReplicationGroupNotFoundFault")
    api.ask.add_response("describe_replication_groups", {"ReplicationGroups": []})

    with pytest.raises(NotFoundError, match="'orders' in us-east-1; there is none at all"):
        replication_group(api.session, "orders")


def test_node_groups_are_ordered_by_id(api: Api) -> None:
    """The first node group is 0001, in whatever order the API answers."""
    api.group(NodeGroups=[{"NodeGroupId": "0002"}, {"NodeGroupId": "0001"}])

    group = replication_group(api.session, "orders")

    assert [node_group.node_group_id for node_group in group.node_groups] == ["0001", "0002"]
