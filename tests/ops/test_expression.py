"""Python expressions as text."""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.ops.expression import WIDTH, Call, Name, render, text

LEAVES = st.text() | st.integers() | st.booleans()
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@settings(max_examples=50)
@given(DATA, st.integers(min_value=0, max_value=5))
def test_what_is_written_is_what_was_meant(value: Any, indent: int) -> None:
    """On one line or on many."""
    assert ast.literal_eval(render(value, indent)) == value


@given(st.text())
def test_a_string_stays_on_its_line(value: str) -> None:
    """Whatever is in it."""
    assert ast.literal_eval(text(value)) == value
    assert "\n" not in text(value)


def test_quotes_are_double_unless_that_takes_more_escapes() -> None:
    """As formatters have it."""
    assert [text(value) for value in ("plain", "it's", 'say "so"')] == ['"plain"', '"it\'s"', "'say \"so\"'"]


def test_what_is_short_is_one_line_and_what_is_long_is_one_part_per_line() -> None:
    """With a comma after the last part, so that formatters leave it alone."""
    short = Call("f", [Name("self"), "a"], {"number": 1})
    long = Call("f", [Name("self"), "a" * WIDTH], {"inner": short, "none": []})

    assert render(short) == 'f(self, "a", number=1)'
    assert render(long, 1).splitlines() == [
        "f(",
        "        self,",
        f'        "{"a" * WIDTH}",',
        '        inner=f(self, "a", number=1),',
        "        none=[],",
        "    )",
    ]
