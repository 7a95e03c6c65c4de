"""Values of a template as far as they are known, in a form that two templates can be compared by."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.model.change.value import ABSENT, Deferred
from elasticache_kit.template import document
from elasticache_kit.template.resolver import PERHAPS_REPLACED, REPLACED, Resolver

TEMPLATE = document.parse(
    """
Parameters: {Port: {Type: Number}, Stage: {Type: String}, Unknown: {Type: String}}
Mappings: {Sizes: {dev: {node: small, list: [a, b]}}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, !Condition IsUnknown]
  Never: !And [!Condition IsProd, !Condition IsUnknown]
  Either: !Or [!Condition IsDev, !Condition IsUnknown]
  IsUnknown: !Equals [!Ref Unknown, x]
  Itself: !Equals [!Ref Unknown, !Ref Unknown]
Resources: {Net: {Type: "AWS::ElastiCache::SubnetGroup"}}
""",
    "test",
)
VALUES = {"Port": "6379", "Stage": "dev"}
RESOLVER = Resolver(template=TEMPLATE, values=VALUES)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"Ref": "Port"}, "6379"),
        ({"Ref": "AWS::NoValue"}, ABSENT),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 1]]}, "a-dev-1"),
        ({"Fn::Sub": "a-${Stage}-${!Stage}"}, "a-dev-${Stage}"),
        ({"Fn::Sub": ["${Own}:${Port}", {"Own": {"Ref": "Stage"}}]}, "dev:6379"),
        ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsProd", "yes", {"Ref": "AWS::NoValue"}]}, ABSENT),
        ({"Fn::If": ["Never", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Itself", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsUnknown", "same", "same"]}, "same"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "node"]}, "small"),
        ({"Fn::Select": ["1", {"Fn::FindInMap": ["Sizes", "dev", "list"]}]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": [",", "x,y"]}]}, "x"),
        ("{{not a reference}}", "{{not a reference}}"),
    ],
)
def test_what_can_be_worked_out(written: Any, value: object) -> None:
    """With the values of the parameters that are known."""
    assert RESOLVER.resolve(written) == value


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ({"Ref": "Unknown"}, "parameter Unknown"),
        ({"Ref": "Net"}, "resource Net"),
        ({"Fn::GetAtt": ["Net", "Arn"]}, "resource Net"),
        ({"Fn::GetAtt": "Net.Arn"}, "resource Net"),
        ({"Ref": "AWS::Region"}, "AWS::Region"),
        ({"Fn::Sub": "${AWS::StackName}-x"}, "AWS::StackName"),
        ({"Fn::ImportValue": "net"}, "Fn::ImportValue"),
        ({"Fn::If": ["IsUnknown", "yes", "no"]}, "parameter Unknown"),
        ({"Fn::If": ["Both", "yes", "no"]}, "parameter Unknown"),
        ({"Fn::If": ["Missing", "yes", "no"]}, "condition Missing"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Unknown"}, "node"]}, "parameter Unknown"),
        ({"Fn::Select": [9, ["a"]]}, "Fn::Select"),
        ({"Fn::GetAZs": ""}, "Fn::GetAZs"),
        ("{{resolve:secretsmanager:token}}", "a dynamic reference"),
    ],
)
def test_what_only_a_deployment_knows(written: Any, word: str) -> None:
    """It says what it depends on, and is the same each time."""
    found = RESOLVER.resolve(written)

    assert isinstance(found, Deferred)
    assert found.depends_on == (word,)
    assert found == RESOLVER.resolve(written)


def test_two_spellings_of_one_text_are_the_same() -> None:
    """Fn::Sub, Fn::Join, and the two forms of Fn::GetAtt."""
    joined = RESOLVER.resolve({"Fn::Join": ["", ["a-", {"Ref": "Net"}]]})

    assert joined == RESOLVER.resolve({"Fn::Sub": "a-${Net}"})
    assert RESOLVER.resolve({"Fn::GetAtt": "Net.Arn"}) == RESOLVER.resolve({"Fn::GetAtt": ["Net", "Arn"]})


def test_a_value_that_a_condition_may_take_away_says_so() -> None:
    """One that a condition only changes does not."""
    perhaps = RESOLVER.resolve({"Fn::If": ["IsUnknown", "a", {"Ref": "AWS::NoValue"}]})
    surely = RESOLVER.resolve({"Fn::If": ["IsUnknown", "a", "b"]})

    assert isinstance(perhaps, Deferred)
    assert perhaps.optional
    assert isinstance(surely, Deferred)
    assert not surely.optional


def test_the_fate_of_a_resource_marks_every_reference_to_it() -> None:
    """One that is replaced is another one for sure, one that perhaps is may be another."""
    replaced = Resolver(template=TEMPLATE, fate=lambda _: REPLACED).resolve({"Ref": "Net"})
    perhaps = Resolver(template=TEMPLATE, fate=lambda _: PERHAPS_REPLACED).resolve({"Ref": "Net"})
    kept = RESOLVER.resolve({"Ref": "Net"})

    assert isinstance(replaced, Deferred)
    assert isinstance(perhaps, Deferred)
    assert isinstance(kept, Deferred)
    assert kept.target == "Net"
    assert replaced.target not in (None, "Net")
    assert perhaps.target is None
    assert len({kept.text, replaced.text, perhaps.text}) == 3
