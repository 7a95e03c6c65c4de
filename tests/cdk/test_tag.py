"""Tags of the constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Annotations, Match

from elasticache_kit.cdk import MemcachedCluster, ReplicationGroup

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk import aws_ec2 as ec2


@pytest.mark.parametrize("make", [ReplicationGroup, MemcachedCluster])
def test_a_key_that_aws_keeps_for_itself(make: Any, stack: Stack, vpc: ec2.Vpc) -> None:
    """It is a warning that names the key, in whatever case; other keys get none."""
    make(stack, "Wrong", vpc=vpc, tags={"AWS:team": "shop"})
    make(stack, "Right", vpc=vpc, tags={"aws-team": "shop"})

    told = Annotations.from_stack(stack)
    told.has_warning("/Stack/Wrong", Match.string_like_regexp("tags: keys that begin with aws: are reserved"))
    told.has_no_warning("/Stack/Right", Match.string_like_regexp("tags"))
