"""Evidence: writes what tests counted or measured to a file, `pytest --tally FILE` and `pytest --measured FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PROPERTY = "tally"
MEASURED = "measured"


class Evidence:
    """Gathers records from the reports of the tests, and writes them at the end of the run.

    Args:
        target: the file.
        name: the property of a report that a record stands in.
    """

    def __init__(self, target: Path, name: str = PROPERTY) -> None:
        self._target, self._name = target, name
        self._tallies: list[object] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the records of a test that has ended."""
        if report.when == "teardown":
            self._tallies.extend(value for name, value in report.user_properties if name == self._name)

    def pytest_sessionfinish(self) -> None:
        """Write all records."""
        self._target.write_text(json.dumps(self._tallies, indent=2) + "\n", encoding="utf-8")
