"""Placement of the nodes of a Memcached cluster."""

from __future__ import annotations

import pytest
from aws_cdk import CfnParameter, Stack
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.cdk.memcached.placement import CROSS_AZ, SINGLE_AZ, Placement, place

ZONES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("nodes", "az_mode", "asked_for", "subnet_zones", "placed"),
    [
        (4, None, None, ZONES, Placement(CROSS_AZ, ("a", "b", "c", "a"))),
        (1, None, None, ZONES, Placement(SINGLE_AZ, ("a",))),
        (3, None, None, ("a",), Placement(SINGLE_AZ, ("a", "a", "a"))),
        (3, "single-az", None, ZONES, Placement(SINGLE_AZ, ("a", "a", "a"))),
        (2, None, None, ("a", "a", "b"), Placement(CROSS_AZ, ("a", "b"))),
        (2, None, None, (), Placement(CROSS_AZ, None)),
        (2, None, ("c", "c"), ZONES, Placement(SINGLE_AZ, ("c", "c"))),
        (2, None, ("c", "a"), ZONES, Placement(CROSS_AZ, ("c", "a"))),
        (2, "cross-az", ("c", "c"), ZONES, Placement(CROSS_AZ, ("c", "c"))),
    ],
)
def test_placement(
    nodes: int,
    az_mode: str | None,
    asked_for: tuple[str, ...] | None,
    subnet_zones: tuple[str, ...],
    placed: Placement,
) -> None:
    """What is asked for counts, else nodes take turns in the zones that there are."""
    assert place(nodes, az_mode, asked_for, subnet_zones) == placed


def test_zones_that_only_a_deployment_knows(stack: Stack) -> None:
    """Of a list that is a token as a whole no item can be named."""
    zones = CfnParameter(stack, "Zones", type="CommaDelimitedList").value_as_list

    assert place(2, None, None, zones) == Placement(CROSS_AZ, None)


@given(nodes=st.integers(1, 60), zones=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12))
def test_growing_moves_no_node(nodes: int, zones: list[str]) -> None:
    """The zones of the nodes that there are stay when one more comes, or CloudFormation would move them."""
    before = place(nodes, CROSS_AZ, None, zones).preferred_availability_zones
    after = place(nodes + 1, CROSS_AZ, None, zones).preferred_availability_zones

    assert before is not None
    assert after is not None
    assert after[:nodes] == before
    assert set(after) <= set(zones)
