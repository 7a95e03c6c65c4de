"""Identifiers: what may be called how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model import identifier
from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "ReplicationGroup": identifier.replication_group_id,
    "CacheCluster": identifier.cache_cluster_id,
    "ParameterGroup": identifier.parameter_group_name,
    "SubnetGroup": identifier.subnet_group_name,
}
NAMES = st.text(alphabet="aZ0-_. é", max_size=42) | st.from_regex(r"[a-z](-?[a-z0-9]){0,45}", fullmatch=True)


def pattern(resource: str) -> str:
    """Return the pattern that the data gives for the id of a resource."""
    facts = cast("dict[str, list[dict[str, str]]]", load("limits"))["names"]
    return next(
        fact["pattern"] for fact in facts if fact["resource"] == resource and fact.get("pattern", "")[1:2] == "["
    )


@pytest.mark.parametrize("resource", CHECKS)
@given(name=NAMES)
def test_a_name_is_right_where_the_pattern_of_the_data_says_so(resource: str, name: str) -> None:
    """The functions, which say what is wrong, agree with the published pattern."""
    right = re.fullmatch(pattern(resource).replace("$", ""), name) is not None

    assert (CHECKS[resource](name) == ()) is right


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("", ("is empty",)),
        ("a" * 41, ("is longer than 40 characters",)),
        ("1a", ("does not begin with a letter",)),
        ("a_b", ("holds something else than ASCII letters, digits and hyphens",)),
        ("a--b", ("holds two hyphens in a row",)),
        ("a-", ("ends with a hyphen",)),
        (
            "-é--",
            (
                "does not begin with a letter",
                "holds something else than ASCII letters, digits and hyphens",
                "holds two hyphens in a row",
                "ends with a hyphen",
            ),
        ),
    ],
)
def test_every_mistake_of_a_name_is_named(name: str, problems: tuple[str, ...]) -> None:
    """All mistakes are found at once."""
    assert identifier.replication_group_id(name) == problems


@pytest.mark.parametrize("name", ["1", "0001", "9999"])
def test_a_node_group_id_is_digits(name: str) -> None:
    """One to four digits will do."""
    assert identifier.node_group_id(name) == ()


@pytest.mark.parametrize("name", ["", "00001", "a", "1 "])
def test_anything_else_is_no_node_group_id(name: str) -> None:
    """A fifth digit is too many."""
    assert identifier.node_group_id(name)


def test_identifiers_are_folded() -> None:
    """ElastiCache stores them in lower case."""
    assert identifier.fold("Orders-A") == "orders-a"
