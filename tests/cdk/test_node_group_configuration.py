"""NodeGroupConfiguration: one node group (shard) by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cdk import NodeGroupConfiguration
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.replication_group import NodeGroupSpec
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from aws_cdk import Stack


@pytest.mark.parametrize(
    ("group", "replicas"),
    [
        (NodeGroupConfiguration(), 4),
        (NodeGroupConfiguration(replica_count=0), 0),
        (NodeGroupConfiguration(replica_availability_zones=["a", "b"]), 2),
        (NodeGroupConfiguration(replica_availability_zones=["a", "b"], replica_count=1), 1),
    ],
)
def test_number_of_replicas(group: NodeGroupConfiguration, replicas: int) -> None:
    """The node group's own number, else one for each zone, else what is said for all."""
    assert group.replicas(4) == replicas


def test_spec_of_a_node_group() -> None:
    """The rulebook sees what is given, and the number of replicas as it will be."""
    group = NodeGroupConfiguration(node_group_id="0001", slots="0-16383", replica_availability_zones=["eu-west-1a"])

    assert group.spec(1) == NodeGroupSpec(
        node_group_id="0001", slots="0-16383", replica_availability_zones=("eu-west-1a",), replica_count=1
    )


def test_tokens_of_a_node_group(stack: Stack) -> None:
    """The zones of a stack without a fixed Region are unknown to the rulebook."""
    zone = stack.availability_zones[0]
    group = NodeGroupConfiguration(primary_availability_zone=zone, replica_availability_zones=[zone])

    assert group.spec(1).primary_availability_zone is UNKNOWN
    assert group.spec(1).replica_availability_zones is UNKNOWN


def test_wrong_types() -> None:
    """A text where a list belongs is not taken for a list of its letters."""
    wrong: dict[str, Any] = {"replica_availability_zones": "eu-west-1a", "replica_count": "2"}

    with pytest.raises(ValidationError) as error:
        NodeGroupConfiguration(**wrong)

    assert str(error.value).splitlines() == [
        "NodeGroupConfiguration: 2 problems",
        "  replica_availability_zones = 'eu-west-1a': must be a list of str, not a str",
        "    write ['eu-west-1a']   [cdk-argument-type]",
        "  replica_count = '2': must be an int, not a str",
        "    pass an int   [cdk-argument-type]",
    ]
