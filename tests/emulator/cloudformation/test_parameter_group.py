"""A parameter group in a stack: its values, right and wrong."""

from __future__ import annotations

import json
from typing import Any

from tests.emulator.wire import Client, at_rest


def body(family: str = "valkey8", **values: object) -> str:
    """A template with a parameter group; underscores stand for hyphens."""
    properties = {
        "CacheParameterGroupFamily": family,
        "Description": "d",
        "Properties": {name.replace("_", "-"): value for name, value in values.items()},
    }
    return json.dumps({"Resources": {"P": {"Type": "AWS::ElastiCache::ParameterGroup", "Properties": properties}}})


def own(client: Client) -> list[dict[str, Any]]:
    """The parameter groups that are none of the defaults."""
    groups = client("elasticache").describe_cache_parameter_groups()["CacheParameterGroups"]
    return [item for item in groups if not item["CacheParameterGroupName"].startswith("default.")]


def values_of(client: Client, name: str) -> dict[str, str]:
    """What was set in a group."""
    shown = client("elasticache").describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
    return {item["ParameterName"]: item["ParameterValue"] for item in shown}


def create(client: Client, text: str) -> dict[str, Any]:
    """Create the stack `s` and wait for it."""
    return at_rest(client, client("cloudformation").create_stack(StackName="s", TemplateBody=text)["StackId"])


def update(client: Client, text: str) -> dict[str, Any]:
    """Update the stack `s` and wait for it."""
    return at_rest(client, client("cloudformation").update_stack(StackName="s", TemplateBody=text)["StackId"])


def test_values_are_set_and_taken_back(client: Client) -> None:
    """The group holds what the template says, and after an update nothing that it no longer says."""
    create(client, body(maxmemory_policy="noeviction", timeout=60))
    (group,) = own(client)
    assert values_of(client, group["CacheParameterGroupName"]) == {"maxmemory-policy": "noeviction", "timeout": "60"}

    update(client, body(timeout=90))

    assert own(client) == [group]
    assert values_of(client, group["CacheParameterGroupName"]) == {"timeout": "90"}


def test_another_family_is_another_group(client: Client) -> None:
    """The family cannot change in place: the old group is gone afterwards."""
    create(client, body())
    (before,) = own(client)

    update(client, body("valkey7"))

    (after,) = own(client)
    assert after["CacheParameterGroupName"] != before["CacheParameterGroupName"]
    assert after["CacheParameterGroupFamily"] == "valkey7"


def test_a_wrong_value_leaves_nothing(client: Client) -> None:
    """The values are checked when the group is made; a failed one is not left behind."""
    stack = create(client, body(maxmemory_policy="sometimes"))

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert own(client) == []


def test_a_wrong_change_leaves_the_values_as_they_were(client: Client) -> None:
    """The stack goes back, the group has what it had."""
    create(client, body(timeout=60))
    (group,) = own(client)

    stack = update(client, body(maxmemory_policy="sometimes"))

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert values_of(client, group["CacheParameterGroupName"]) == {"timeout": "60"}
