"""Quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.action import room
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.region import Region
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(("environment", "limit"), [({}, 300), ({room.VARIABLE: "500"}, 500)])
def test_a_region_has_the_quota_of_aws_unless_it_is_raised(environment: Mapping[str, str], limit: int) -> None:
    """As Service Quotas raises it."""
    assert room.nodes_per_region(environment) == limit


def test_a_quota_that_is_no_number_is_an_error() -> None:
    """It names the variable and the value."""
    with pytest.raises(EmulatorError, match="ELASTICACHE_KIT_NODES_PER_REGION is 'many'"):
        room.nodes_per_region({room.VARIABLE: "many"})


def test_nodes_above_the_quota_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to it they are not; the message says how it is raised."""
    monkeypatch.setenv(room.VARIABLE, "500")
    empty = Region("123456789012", "us-east-1")
    room.for_nodes(empty, 500)
    with pytest.raises(Fault, match=f"above the quota of 500 in a Region; {room.VARIABLE} raises it"):
        room.for_nodes(empty, 501)
