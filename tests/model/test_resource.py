"""Resources as CloudFormation takes them, and values as their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.model import resolved
from elasticache_kit.model.resource import ResourceSpec, check, is_secret
from elasticache_kit.model.rule import HIDDEN
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from elasticache_kit.model.resolved import Resolved


@pytest.mark.parametrize(
    ("value", "text", "integer", "number", "boolean"),
    [
        ("3", "3", 3, 3.0, None),
        (3, "3", 3, 3, UNKNOWN),
        (3.0, "3.0", 3, 3.0, None),
        (3.5, "3.5", None, 3.5, None),
        ("True", "True", None, None, True),
        ("no", "no", None, None, False),
        (True, "true", None, None, True),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        ([], None, None, None, None),
        ({}, None, None, None, None),
        (None, None, None, None, None),
    ],
)
def test_values_are_read_as_their_type(
    value: Resolved, text: object, integer: object, number: object, boolean: object
) -> None:
    """Numbers and booleans may be written as text, and text as a number; None is what is of another type."""
    assert resolved.text(value) == text
    assert resolved.integer(value) == integer
    assert resolved.number(value) == number
    assert resolved.boolean(value) == boolean


def test_what_only_a_deployment_knows_is_of_every_type() -> None:
    """An UNKNOWN value, list or mapping breaks no rule."""
    group = ResourceSpec(
        type="AWS::ElastiCache::ReplicationGroup",
        properties=dict.fromkeys(
            ("ReplicationGroupDescription", "Port", "Tags", "NodeGroupConfiguration", "MultiAZEnabled"), UNKNOWN
        ),
    )

    assert check(group) == ()


@pytest.mark.parametrize(
    ("properties", "path", "value"),
    [
        ({"Port": [1]}, "Port", "a list of 1"),
        ({"Tags": {"a": 1}}, "Tags", "a mapping"),
        ({"SecurityGroupIds": "sg-1"}, "SecurityGroupIds", "sg-1"),
        ({"NodeGroupConfiguration": ["x"]}, "NodeGroupConfiguration[0]", "x"),
        ({"NodeGroupConfiguration": [{"ReplicaCount": "two"}]}, "NodeGroupConfiguration[0].ReplicaCount", "two"),
        ({"MultiAZEnabled": "maybe"}, "MultiAZEnabled", "maybe"),
    ],
)
def test_a_wrong_type_is_found_where_it_is(properties: dict[str, Resolved], path: str, value: str) -> None:
    """The path leads to the value, and of what holds more no more than its kind is shown."""
    spec = ResourceSpec(
        type="AWS::ElastiCache::ReplicationGroup", properties={"ReplicationGroupDescription": "d", **properties}
    )

    assert [(item.rule_id, item.property, item.value) for item in check(spec)] == [("cfn-property-type", path, value)]


def test_a_near_name_is_offered() -> None:
    """Who mistypes a property is told the one that was meant."""
    spec = ResourceSpec(
        type="AWS::ElastiCache::User",
        properties={"UserId": "a", "UserName": "a", "Engine": "valkey", "AccesString": "on"},
    )

    assert [item.remedy for item in check(spec)] == ["take AccessString, or leave it out"]


def test_secrets_stay_hidden() -> None:
    """A secret under a name that is written wrongly, or of a wrong type, is not shown."""
    spec = ResourceSpec(
        type="AWS::ElastiCache::User",
        properties={"UserId": "a", "UserName": "a", "Engine": "valkey", "Passwords": "hunter2", "Pasword": "hunter3"},
    )

    assert [item.value for item in check(spec)] == [HIDDEN, HIDDEN]
    assert [name for name in ("AuthToken", "Passwords", "requirepass", "masterauth") if not is_secret(name)] == []
    assert not is_secret("CacheNodeType")


def test_a_type_that_is_not_known_breaks_nothing() -> None:
    """Of a type of another service nothing is said."""
    assert check(ResourceSpec(type="AWS::S3::Bucket", properties={"Anything": None})) == ()
