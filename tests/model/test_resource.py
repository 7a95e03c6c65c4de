"""Resources as CloudFormation takes them, and the data about them against the schemas that AWS publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from elasticache_kit.model import resolved
from elasticache_kit.model.data import load
from elasticache_kit.model.resource import ResourceSpec, check, is_secret, members
from elasticache_kit.model.rule import HIDDEN
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.resolved import Resolved

TYPES = sorted(cast("Mapping[str, Mapping[str, object]]", load("cloudformation"))["types"])
# Their members are of no concern to a cache.
LEFT_OUT = {
    "CustomizedMetricSpecification",
    "PredictiveScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
}


def _kind(schema: dict[str, Any], node: dict[str, Any], name: str = "") -> object:
    """Return what `cloudformation.json` should say of a part of a provider schema."""
    if "$ref" in node:
        return _kind(schema, schema["definitions"][node["$ref"].rpartition("/")[2]], name)
    if name in LEFT_OUT:
        return "json"
    if node.get("type") == "array":
        return {"list": _kind(schema, node["items"])}
    if "properties" in node:
        return _members(schema, node, ())
    return "json" if node["type"] == "object" else node["type"]


def _members(schema: dict[str, Any], node: dict[str, Any], without: tuple[str, ...]) -> dict[str, object]:
    return {
        "required": sorted(node.get("required", [])),
        "members": {
            name: _kind(schema, item, name) for name, item in node["properties"].items() if name not in without
        },
    }


@pytest.mark.parametrize("resource_type", TYPES)
def test_the_data_are_those_of_the_provider_schema(resource_type: str) -> None:
    """Properties, their types, and which are required or read-only, are those of the pinned cfn-lint."""
    found: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type)
    schema: dict[str, Any] = found.schema
    read_only = tuple(sorted({path.split("/")[2] for path in schema.get("readOnlyProperties", [])}))
    ours = members(resource_type)

    assert ours is not None
    assert list(read_only) == ours.get("read_only")
    assert _members(schema, schema, read_only) == {"required": ours["required"], "members": ours["members"]}


def test_every_type_of_elasticache_is_known() -> None:
    """No type of the namespace is missing from the data."""
    types = {str(name) for name in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")}

    assert {name for name in types if name.startswith("AWS::ElastiCache::")} <= set(TYPES)


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
