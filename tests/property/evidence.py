"""Evidence: writes what the properties counted to a file, `pytest --tally FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PROPERTY = "tally"


class Evidence:
    """Gathers the counts from the reports of the tests, and writes them at the end of the run.

    Args:
        target: the file.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._tallies: list[object] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the counts of a test that has ended."""
        if report.when == "teardown":
            self._tallies.extend(value for name, value in report.user_properties if name == PROPERTY)

    def pytest_sessionfinish(self) -> None:
        """Write all counts."""
        self._target.write_text(json.dumps(self._tallies, indent=2) + "\n", encoding="utf-8")
