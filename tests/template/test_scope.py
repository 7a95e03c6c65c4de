"""What a template tells of the values in it: every intrinsic function, and what is left to the deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.template import document, yaml_text
from elasticache_kit.template.scope import Scope, references

if TYPE_CHECKING:
    from elasticache_kit.model.resolved import Resolved
    from elasticache_kit.template.located import Value

TEXT = """\
Parameters:
  Size: {Type: String, Default: cache.t4g.small}
Mappings:
  Sizes:
    dev: {node: cache.t4g.small, shards: 1}
    prod: {node: cache.r7g.large, shards: 1}
Resources:
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties: {ReplicationGroupId: orders}
  Nameless: {Type: AWS::ElastiCache::ReplicationGroup}
  Parameters: {Type: AWS::ElastiCache::ParameterGroup}
  Subnets:
    Type: AWS::ElastiCache::SubnetGroup
    Properties: {CacheSubnetGroupName: !Sub '${AWS::StackName}-subnets'}
  Snapshot:
    Type: AWS::ElastiCache::Snapshot
    Properties: {SnapshotName: monday}
  One:
    Type: AWS::ElastiCache::User
    Properties: {UserId: !Ref Other}
  Other:
    Type: AWS::ElastiCache::User
    Properties: {UserId: !Ref One}
"""
SCOPE = Scope(document.parse(TEXT, "t.yaml"))
GROUP = "AWS::ElastiCache::ReplicationGroup"


def _value(text: str) -> Value:
    root = yaml_text.parse(f"value: {text}", "t").value
    assert isinstance(root, dict)
    return root["value"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("'{{resolve:ssm:/cache/size}}'", UNKNOWN),
        # Ref
        ("!Ref Size", UNKNOWN),
        ("!Ref AWS::Region", UNKNOWN),
        ("!Ref Missing", UNKNOWN),
        ("!Ref Cache", "orders"),
        ("!Ref Nameless", UNKNOWN),
        ("!Ref Parameters", UNKNOWN),
        ("!Ref Snapshot", UNKNOWN),
        ("!Ref One", UNKNOWN),
        # Fn::If
        ("!If [Big, 2, 3]", UNKNOWN),
        ("!If [Big, 2, 2]", 2),
        ("!If [Big, 1, true]", UNKNOWN),
        ("!If [Big, [a], [a]]", ["a"]),
        ("!If [Big, !If [Bigger, a, a], a]", "a"),
        ("!If [Big, a]", UNKNOWN),
        ("!If [Big, a, !Ref AWS::NoValue]", UNKNOWN),
        # Fn::Sub
        ("!Sub plain", "plain"),
        ("!Sub 'a-${Cache}'", "a-orders"),
        ("!Sub 'a-${Size}'", UNKNOWN),
        ("!Sub ['${x}-${!y}', {x: !Ref Cache}]", "orders-${y}"),
        ("!Sub ['${x}', {x: 7}]", "7"),
        ("!Sub ['${x}', {x: !Ref Size}]", UNKNOWN),
        ("!Sub '{{resolve:ssm:${Cache}}}'", UNKNOWN),
        ("!Sub [a]", UNKNOWN),
        # Fn::Join, Fn::Split, Fn::Select, Fn::Length
        ("!Join ['-', [a, !Ref Cache, 1]]", "a-orders-1"),
        ("!Join ['-', [a, !Ref Size]]", UNKNOWN),
        ("!Join ['-', !Ref Size]", UNKNOWN),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("!Split [',', !Ref Size]", UNKNOWN),
        ("!Split ['', 'a,b']", UNKNOWN),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['1', !Split [',', 'a,b']]", "b"),
        ("!Select [7, [a]]", UNKNOWN),
        ("!Select [0, !GetAZs '']", UNKNOWN),
        ("{'Fn::Length': [a, b]}", 2),
        ("{'Fn::Length': !Ref Size}", UNKNOWN),
        # Fn::FindInMap
        ("!FindInMap [Sizes, prod, node]", "cache.r7g.large"),
        ("!FindInMap [Sizes, !Ref Size, node]", UNKNOWN),
        ("!FindInMap [Sizes, !Ref Size, shards]", 1),
        ("!FindInMap [Sizes, nowhere, shards]", UNKNOWN),
        ("!FindInMap [Sizes, prod]", UNKNOWN),
        # What only a deployment knows
        ("!GetAtt Cache.PrimaryEndPoint.Address", UNKNOWN),
        ("!ImportValue x", UNKNOWN),
        ("!GetAZs ''", UNKNOWN),
        ("!Cidr [a, 1, 2]", UNKNOWN),
        ("!Base64 a", UNKNOWN),
        ("!Transform {Name: Macro}", UNKNOWN),
        ("{'Fn::ToJsonString': {a: 1}}", UNKNOWN),
        ("!Rain::Embed file.js", UNKNOWN),
        # Lists and mappings
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("[a, !Ref Size]", ["a", UNKNOWN]),
        ("[a, !If [Big, b, !Ref AWS::NoValue]]", UNKNOWN),
        ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
        ("{a: !If [Big, b, !Ref AWS::NoValue]}", {"a": UNKNOWN}),
        ("{a: 1, 'Fn::Transform': {Name: Macro}}", UNKNOWN),
        ("{a: }", {"a": None}),
    ],
)
def test_values(text: str, value: Resolved) -> None:
    """What the template tells is resolved, and the rest is UNKNOWN."""
    assert SCOPE.resolve(_value(text)) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!If [Big, a, !Ref AWS::NoValue]", True),
        ("!If [Big, !If [Bigger, a, !Ref AWS::NoValue], b]", True),
        ("!If [Big, a, b]", False),
        ("!Ref Size", False),
        ("a", False),
    ],
)
def test_what_a_condition_may_take_away(text: str, expected: object) -> None:
    """A value that may be absent is told from one that is only not known."""
    assert SCOPE.may_be_absent(_value(text)) is expected


@pytest.mark.parametrize(
    ("text", "logical_id"),
    [
        ("!Ref Nameless", "Nameless"),
        ("!GetAtt Nameless.Arn", "Nameless"),
        ("{'Fn::GetAtt': Nameless.Arn}", "Nameless"),
        ("!Sub 'replication-group/${Nameless}'", "Nameless"),
        ("!Sub '${Nameless.Arn}'", "Nameless"),
        ("!Sub ['${x}', {x: !Ref Nameless}]", "Nameless"),
        ("!Join ['/', [replication-group, !Ref Nameless]]", "Nameless"),
        ("[!Ref Nameless]", "Nameless"),
        ("orders", "Cache"),
        ("ORDERS", "Cache"),
        ("!If [Big, !Ref Cache, !Ref Nameless]", None),
        ("!Ref Parameters", None),
        ("!Ref Size", None),
        ("other", None),
    ],
)
def test_links(text: str, logical_id: str | None) -> None:
    """A resource is found by reference or by its name, unless a condition chooses it or it is of another type."""
    found = SCOPE.linked(_value(text), GROUP)

    assert (found.logical_id if found else None) == logical_id


def test_two_names_that_are_written_alike_are_one() -> None:
    """A name that only a deployment knows is the same wherever it is written the same."""
    found = SCOPE.linked(_value("!Sub '${AWS::StackName}-subnets'"), "AWS::ElastiCache::SubnetGroup")

    assert found is not None
    assert SCOPE.linked(_value("!Sub '${AWS::StackName}-other'"), "AWS::ElastiCache::SubnetGroup") is None


def test_properties_that_a_macro_makes() -> None:
    """Of properties that a macro adds to nothing is known."""
    text = "Resources:\n  A:\n    Type: T\n    Properties: {a: 1, 'Fn::Transform': {Name: AWS::Include}}"
    template = document.parse(text, "t")

    assert Scope(template).properties(template.resources["A"]) is None


def test_references_are_found_wherever_they_are() -> None:
    """All but what a condition chooses between."""
    value = _value("{a: [!Ref A, !Sub '${B.C}-${!D}'], e: !GetAtt [E, F], g: !If [G, !Ref H, I]}")

    assert list(references(value)) == ["A", "B", "E"]
