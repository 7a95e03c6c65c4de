"""A table that changes while somebody goes through it."""

from __future__ import annotations

import pytest

from elasticache_kit.emulator.cloudformation.crossing import Crossing


def test_a_plain_dict_falls_over_a_change() -> None:
    """The control: this is what stacks that come and go side by side did to moto's tables."""
    plain = {"one": 1, "two": 2}

    def empty() -> None:
        for name in plain:
            del plain[name]

    with pytest.raises(RuntimeError, match="changed size"):
        empty()


@pytest.mark.parametrize("view", ["keys", "values", "items", "__iter__"])
def test_every_view_is_of_its_moment(view: str) -> None:
    """What comes and goes afterwards is not in it, and ends nothing."""
    table = Crossing({"one": 1, "two": 2})
    seen: list[object] = []

    for item in getattr(table, view)():
        table.pop("two", None)
        table[f"new {item}"] = 3
        seen.append(item)

    expected = {"values": [1, 2], "items": [("one", 1), ("two", 2)]}
    assert seen == expected.get(view, ["one", "two"])
    assert "two" not in table
