"""docs/operate.md has every operation."""

from __future__ import annotations

import re
from pathlib import Path

from elasticache_kit.model import permission

ROOT = Path(__file__).parents[2]


def test_every_operation_is_in_the_table_with_its_script() -> None:
    """And nothing else is."""
    page = (ROOT / "docs/operate.md").read_text()
    rows = re.findall(r"^\| `([a-z -]+)` \| `(scripts/\w+\.py)` \|", page, re.MULTILINE)

    assert {command for command, _ in rows} == {*permission.COMMANDS, "iam-policy"}
    assert all((ROOT / script).is_file() for _, script in rows)
