"""Identifiers: what may be called how."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, cast

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
    "User": identifier.user_id,
    "UserGroup": identifier.user_group_id,
    "ServerlessCacheSnapshot": identifier.serverless_cache_snapshot_name,
}
# Capitals are none of CloudFormation's, and taken with a warning by a rule of its own.
FOLDED = {"User", "UserGroup"}
NAMES = st.text(alphabet="aZ0-_. é", max_size=42) | st.from_regex(r"[a-z](-?[a-z0-9]){0,45}", fullmatch=True)


def published(resource: str) -> tuple[str, int]:
    """Return the pattern and the longest length that the data gives for the id of a resource."""
    facts = cast("dict[str, list[dict[str, Any]]]", load("limits"))["names"]
    fact = next(fact for fact in facts if fact["resource"] == resource and fact.get("pattern", "")[1:2] == "[")
    return fact["pattern"].replace("$", ""), fact["max"] or sys.maxsize


@pytest.mark.parametrize("resource", CHECKS)
@given(name=NAMES)
def test_a_name_is_right_where_the_pattern_of_the_data_says_so(resource: str, name: str) -> None:
    """The functions, which say what is wrong, agree with the published pattern."""
    pattern, longest = published(resource)
    if resource in FOLDED:
        name = name.lower()
    right = re.fullmatch(pattern, name) is not None and len(name) <= longest

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


@pytest.mark.parametrize(("name", "right"), [("orders", True), ("1-orders", True), ("-orders", False), ("a--b", False)])
def test_a_suffix_may_begin_with_a_digit(name: str, right: bool) -> None:
    """A prefix of the Region stands before it."""
    assert (identifier.global_replication_group_id_suffix(name) == ()) is right


def test_identifiers_are_folded() -> None:
    """ElastiCache stores them in lower case."""
    assert identifier.fold("Orders-A") == "orders-a"
