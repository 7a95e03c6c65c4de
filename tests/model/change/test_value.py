"""Values of two templates, of which a deployment may know more."""

from __future__ import annotations

import pytest

from elasticache_kit.model.change.value import ABSENT, Deferred, Difference, compare, depends_on
from elasticache_kit.model.unknown import UNKNOWN

PORT = Deferred(text="port", depends_on=("parameter Port",))
NET = Deferred(text="net", target="Net")
OTHER_NET = Deferred(text="other", target="Other")
PERHAPS = Deferred(text="if", optional=True)


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (6379, "6379", Difference.SAME),
        (True, "true", Difference.SAME),
        (True, 1, Difference.DIFFERENT),
        (6379, 6380, Difference.DIFFERENT),
        ("a", ["a"], Difference.DIFFERENT),
        ([], {}, Difference.DIFFERENT),
        (ABSENT, ABSENT, Difference.SAME),
        (ABSENT, None, Difference.DIFFERENT),
        (ABSENT, "a", Difference.DIFFERENT),
        (["a", "b"], ["b", "a"], Difference.DIFFERENT),
        (("a",), ["a"], Difference.SAME),
        ({"a": 1, "b": 2}, {"b": "2", "a": "1"}, Difference.SAME),
        (UNKNOWN, UNKNOWN, Difference.UNDECIDED),
        (PORT, PORT, Difference.SAME),
        (PORT, "6379", Difference.UNDECIDED),
        (PORT, ABSENT, Difference.DIFFERENT),
        (PERHAPS, ABSENT, Difference.UNDECIDED),
        (PORT, NET, Difference.UNDECIDED),
        (NET, OTHER_NET, Difference.DIFFERENT),
        ([PORT, "a"], [PORT, "a"], Difference.SAME),
        ([PORT, "a"], [PORT, "b"], Difference.DIFFERENT),
        ([PORT], ["6379"], Difference.UNDECIDED),
        ([PORT], [PORT, "a"], Difference.DIFFERENT),
    ],
)
def test_two_values(old: object, new: object, difference: Difference) -> None:
    """In both directions: text or number is the same, and what is unknown is not guessed."""
    assert compare(old, new) is difference
    assert compare(new, old) is difference


def test_what_a_value_depends_on_is_named_once() -> None:
    """From anywhere inside it."""
    assert depends_on({"a": [PORT, PORT]}, PORT) == ("parameter Port",)
    assert depends_on(UNKNOWN) == ("a value that only the deployment knows",)
    assert depends_on("a", 1, ABSENT) == ()
