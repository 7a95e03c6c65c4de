"""Security Hub's controls for ElastiCache hold by default, for both cluster modes.

See https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    Authentication,
    RedisVersion,
    ReplicationGroup,
    ShardedReplicationGroup,
    SubnetGroup,
)
from tests.cdk.conftest import isolated_vpc

GROUP = "AWS::ElastiCache::ReplicationGroup"
MODES: dict[str, Any] = {"disabled": ReplicationGroup, "enabled": ShardedReplicationGroup}
# Security Hub's own parameter for ElastiCache.1.
FEWEST_DAYS = 1

Properties = dict[str, Any]
Weakening = Callable[[Stack], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Control:
    """One control.

    Args:
        number: its number.
        holds: what Security Hub looks at, in the properties of a replication group.
        weaker: the arguments that give it up, where there are any; the control must fail with them.
    """

    number: int
    holds: Callable[[Properties], bool]
    weaker: Weakening


def _weaker(**arguments: Any) -> Weakening:
    return lambda _: arguments


def _subnet_group(stack: Stack) -> dict[str, Any]:
    return {"cache_subnet_group": SubnetGroup.from_cache_subnet_group_name(stack, "Default", "default")}


def _older_than_users(properties: Properties) -> bool:
    """Tell whether the version is before 6.0, which knows no users; Security Hub asks those for a token."""
    return properties["Engine"] == "redis" and int(properties["EngineVersion"].split(".")[0]) < 6


def _has_subnet_group_of_its_own(properties: Properties) -> bool:
    return properties["CacheSubnetGroupName"] != "default"


CONTROLS = (
    Control(1, lambda group: group["SnapshotRetentionLimit"] >= FEWEST_DAYS, _weaker(snapshot_retention_limit=0)),
    Control(2, lambda group: group["AutoMinorVersionUpgrade"], _weaker(auto_minor_version_upgrade=False)),
    Control(
        3,
        lambda group: group["AutomaticFailoverEnabled"],
        _weaker(automatic_failover_enabled=False, multi_az_enabled=False),
    ),
    Control(4, lambda group: group["AtRestEncryptionEnabled"], _weaker(at_rest_encryption_enabled=False)),
    Control(5, lambda group: group["TransitEncryptionEnabled"], _weaker(transit_encryption_enabled=False)),
    Control(
        6,
        lambda group: not _older_than_users(group) or "AuthToken" in group,
        _weaker(engine_version=RedisVersion.of("5.0.6")),
    ),
    Control(7, _has_subnet_group_of_its_own, _subnet_group),
)


@cache
def _properties(mode: str, number: int | None) -> Properties:
    """Synthesize a group with default arguments, or with those that give a control up."""
    stack = Stack(App(), "stack")
    controls = {control.number: control for control in CONTROLS}
    arguments = {} if number is None else controls[number].weaker(stack)
    MODES[mode](stack, "Cache", vpc=isolated_vpc(stack), **arguments)
    (group,) = Template.from_stack(stack).find_resources(GROUP).values()
    return dict(group["Properties"])


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"ElastiCache.{control.number}")
@pytest.mark.parametrize("mode", MODES)
def test_a_control_holds_by_default(mode: str, control: Control) -> None:
    """Whoever asks for nothing has it."""
    assert control.holds(_properties(mode, None))


@pytest.mark.parametrize(
    ("mode", "control"),
    [
        pytest.param(mode, control, id=f"{mode}-ElastiCache.{control.number}")
        for mode in MODES
        for control in CONTROLS
        # With cluster mode enabled ElastiCache always fails over, so there is no argument to give it up with.
        if (mode, control.number) != ("enabled", 3)
    ],
)
def test_a_control_fails_where_it_is_given_up(mode: str, control: Control) -> None:
    """What the control looks at is in the template, and is seen when it is weaker."""
    assert not control.holds(_properties(mode, control.number))


def test_cluster_mode_cannot_give_up_failover() -> None:
    """There is no such argument, and the weakest group has it all the same."""
    stack = Stack(App(), "stack")
    weakest: dict[str, Any] = {"num_node_groups": 2, "replicas_per_node_group": 0, "multi_az_enabled": False}
    ShardedReplicationGroup(stack, "Cache", vpc=isolated_vpc(stack), **weakest)
    (group,) = Template.from_stack(stack).find_resources(GROUP).values()

    assert CONTROLS[2].holds(group["Properties"])
    assert not CONTROLS[2].holds({**group["Properties"], "AutomaticFailoverEnabled": False})


@pytest.mark.parametrize("mode", MODES)
def test_an_older_version_with_a_token_keeps_to_the_sixth(mode: str) -> None:
    """Security Hub asks versions before 6.0 for a token."""
    stack = Stack(App(), "stack")
    arguments = {"engine_version": RedisVersion.of("5.0.6"), "authentication": Authentication.auth_token()}
    MODES[mode](stack, "Cache", vpc=isolated_vpc(stack), **arguments)
    (group,) = Template.from_stack(stack).find_resources(GROUP).values()

    assert CONTROLS[5].holds(group["Properties"])
