"""The README of the example shows the true difference of its two stores."""

from __future__ import annotations

import re
import subprocess

from tests.examples.database_cache.conftest import SHOP

COMMAND = ["diff", "-U1", "shop/plain.py", "shop/cached.py"]
MOST_LINES = 40


def difference() -> list[str]:
    """Return the difference of the stores, without the head, which has the times of the files."""
    return subprocess.run(COMMAND, cwd=SHOP, capture_output=True, text=True, check=False).stdout.splitlines()[2:]


def test_the_difference_is_the_one_that_is_shown() -> None:
    """Line by line; who changes a store shows it."""
    (shown,) = re.findall(r"```diff\n(.*?)```", (SHOP / "README.md").read_text(), re.DOTALL)
    assert shown.splitlines() == difference()


def test_it_is_a_handful_of_lines() -> None:
    """Nothing of the store without a cache goes but the sentence that says so."""
    lines = difference()
    assert [line for line in lines if line.startswith("-")] == [
        '-"""What the shop reads and writes, without a cache."""'
    ]
    assert len([line for line in lines if line.startswith("+")]) < MOST_LINES
