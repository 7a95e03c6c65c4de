"""AWS::ElastiCache::GlobalReplicationGroup in a stack, and a secondary in a stack of another Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import StackOf, resource
from tests.emulator.wire import client_of

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

GROUP: dict[str, Any] = {
    "ReplicationGroupDescription": "d",
    "CacheSubnetGroupName": "net",
    "NumCacheClusters": 2,
}
PRIMARY = resource(
    "ReplicationGroup",
    {
        **GROUP,
        "Engine": "valkey",
        "CacheNodeType": "cache.r7g.large",
        "AutomaticFailoverEnabled": True,
        "AutoMinorVersionUpgrade": False,
        "TransitEncryptionEnabled": True,
    },
)
MEMBER = {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "eu-west-1", "Role": "PRIMARY"}


def world(**properties: Any) -> dict[str, Any]:
    """Return a primary and the datastore around it."""
    given = {"GlobalReplicationGroupIdSuffix": "world", "Members": [MEMBER], **properties}
    return {"Primary": PRIMARY, "World": resource("GlobalReplicationGroup", given)}


def described(stack: StackOf) -> dict[str, Any]:
    """Describe the datastore."""
    found = stack.client("elasticache").describe_global_replication_groups(ShowMemberInfo=True)
    return found["GlobalReplicationGroups"][0]


def test_the_id_has_the_prefix_that_aws_publishes(stack: StackOf) -> None:
    """So a stack in another Region can name it before it is made."""
    stack.deploy(world())

    assert stack.id_of("World") == "gxeiz-world"


def test_settings_change_in_place(stack: StackOf) -> None:
    """They reach the members."""
    stack.deploy(world())
    stack.deploy(world(GlobalReplicationGroupDescription="e", CacheNodeType="cache.r7g.xlarge"))
    found = described(stack)
    primary = stack.client("elasticache").describe_replication_groups(ReplicationGroupId=stack.id_of("Primary"))

    assert found["GlobalReplicationGroupDescription"] == "e"
    assert primary["ReplicationGroups"][0]["CacheNodeType"] == "cache.r7g.xlarge"


def test_it_is_made_of_its_primary_alone(stack: StackOf) -> None:
    """A secondary joins by its own property."""
    other = {"ReplicationGroupId": "elsewhere", "ReplicationGroupRegion": "us-east-1", "Role": "SECONDARY"}

    ended = stack.attempt(world(Members=[MEMBER, other]))

    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("cannot be created with multiple members" in reason for reason in stack.reasons())


def test_a_secondary_comes_and_goes_with_its_own_stack(stack: StackOf, account: Emulator) -> None:
    """It takes after the primary; while it is there the datastore does not go."""
    stack.deploy(world())
    follower = StackOf(client_of(account.endpoint_url, "us-east-1"), "follower")
    follower.deploy(
        {"Secondary": resource("ReplicationGroup", {**GROUP, "GlobalReplicationGroupId": stack.id_of("World")})}
    )
    members = [(item["ReplicationGroupRegion"], item["Role"]) for item in described(stack)["Members"]]

    kept = stack.destroy()
    gone = follower.destroy()

    assert members == [("eu-west-1", "PRIMARY"), ("us-east-1", "SECONDARY")]
    assert (kept, gone) == ("DELETE_FAILED", "DELETE_COMPLETE")
    assert stack.destroy() == "DELETE_COMPLETE"
    assert follower.client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
