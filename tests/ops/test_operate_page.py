"""docs/operate.md has every operation."""

from __future__ import annotations

import re
from pathlib import Path

from elasticache_kit.model import permission

ROOT = Path(__file__).parents[2]


def test_every_operation_is_in_the_table_with_its_script() -> None:
    """And nothing else is; drills have a page of their own."""
    page = (ROOT / "docs/operate.md").read_text()
    rows = re.findall(r"^\| `([a-z -]+)` \| `(scripts/\w+\.py)` \|", page, re.MULTILINE)

    operations = {command for command in permission.COMMANDS if not command.startswith("drill ")}
    assert {command for command, _ in rows} == {*operations, "iam-policy"}
    assert all((ROOT / script).is_file() for _, script in rows)
