"""Two resources of one template with the same name."""

from __future__ import annotations

import pytest

from elasticache_kit.template.same_name import RULES, TWICE
from tests.template.sample import found

TEMPLATE = """\
Parameters: {{Name: {{Type: String}}}}
Conditions: {{Prod: !Equals [!Ref Name, prod], Test: !Equals [!Ref Name, test]}}
Resources:
  One:
    Type: AWS::ElastiCache::SubnetGroup
    {one}
    Properties: {{Description: d, SubnetIds: [subnet-1], CacheSubnetGroupName: {first}}}
  Two:
    Type: AWS::ElastiCache::SubnetGroup
    {two}
    Properties:
      Description: d
      SubnetIds: [subnet-1]
      CacheSubnetGroupName: {second}
"""


def template(first: str, second: str, one: str = "DeletionPolicy: Delete", two: str = "DeletionPolicy: Delete") -> str:
    """Return a template with two subnet groups."""
    return TEMPLATE.format(first=first, second=second, one=one, two=two)


def test_the_second_is_told_with_the_first() -> None:
    """On the line of its name; the case makes no difference to ElastiCache."""
    (problem,) = found(template("orders", "Orders"))

    assert (problem.rule_id, problem.logical_id, problem.level) == (TWICE, "Two", "error")
    assert (problem.line, problem.property, problem.value) == (14, "CacheSubnetGroupName", "'Orders'")
    assert "One has this name too" in problem.message
    assert TWICE in RULES


@pytest.mark.parametrize(
    "text",
    [
        template("orders", "carts"),
        template("!Ref Name", "!Ref Name"),
        template("orders", "orders", "Condition: Prod", "Condition: Test"),
    ],
    ids=["other names", "names that a deployment knows", "conditions that may exclude each other"],
)
def test_what_may_be_two_names(text: str) -> None:
    """Nothing is said."""
    assert found(text) == ()


@pytest.mark.parametrize(
    ("one", "two"),
    [("Condition: Prod", "Condition: Prod"), ("Condition: Prod", "DeletionPolicy: Delete")],
)
def test_conditions_that_let_both_be(one: str, two: str) -> None:
    """The same condition, or one against none."""
    assert [problem.rule_id for problem in found(template("orders", "orders", one, two))] == [TWICE]


def test_names_of_different_types() -> None:
    """A user and its group may be called alike."""
    text = template("orders", "orders").replace("AWS::ElastiCache::SubnetGroup", "AWS::ElastiCache::User", 1)

    assert TWICE not in {problem.rule_id for problem in found(text)}
