"""The page of coverage is true, and the table it is made of too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.cloudformation.resource import DEAD_TYPES
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.emulator.cloudformation.type_depth import NOTES, type_depths
from elasticache_kit.emulator.coverage import depth, operation_names, page
from elasticache_kit.emulator.operation import OPERATIONS
from elasticache_kit.model.change.fact import types

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_page_of_coverage_is_current(pytestconfig: pytest.Config) -> None:
    """docs/coverage.md is what the table says; else make it anew, as the page says."""
    path: Path = pytestconfig.rootpath / "docs" / "coverage.md"

    assert path.read_text(encoding="utf-8") == page()


def test_nothing_is_answered_that_the_api_does_not_have() -> None:
    """Every name of the table is an operation of botocore's model."""
    assert set(OPERATIONS) <= set(operation_names())


def test_every_operation_is_answered() -> None:
    """The next botocore may bring one that is not."""
    assert [name for name in operation_names() if depth(name) == "missing"] == []


def test_every_action_is_called_like_its_operation() -> None:
    """So that a row that leads to another operation's function is found; legacy security groups share one refusal."""
    for name, operation in OPERATIONS.items():
        spelled = operation.action.__name__.replace("_", "")
        assert spelled in (name.lower(), "refuse"), name
        assert (spelled == "refuse") == ("SecurityGroup" in name and not name.startswith("Describe")), name


def test_every_type_of_elasticache_has_a_line() -> None:
    """Ten go as far as what makes them, and the two of EC2-Classic are refused; for others see tests/test_app.py."""
    found = type_depths()
    depths = {kind: found[kind].depth for kind in types()}

    assert {kind for kind, depth in depths.items() if depth == "refused"} == DEAD_TYPES
    assert depths["AWS::ElastiCache::ReplicationGroup"] == OPERATIONS["CreateReplicationGroup"].depth == "real"
    assert depths["AWS::ElastiCache::GlobalReplicationGroup"] == "real"
    assert len(depths) == 12


def test_every_type_that_is_added_has_a_line() -> None:
    """And no note is of a type without one."""
    found = type_depths()

    assert {resource.cloudformation_type() for resource in RESOURCE_TYPES} <= found.keys()
    assert NOTES.keys() <= found.keys()
