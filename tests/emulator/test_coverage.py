"""The page of coverage is true, and the table it is made of too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.coverage import depth, operation_names, page
from elasticache_kit.emulator.operation import OPERATIONS

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
