"""Tags, on the emulator and with --aws on AWS: those of a parameter group, which costs nothing and is removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def arn(elasticache: Any, name: str) -> Iterator[str]:
    """The ARN of a parameter group with a tag."""
    made = elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name,
        CacheParameterGroupFamily="valkey8",
        Description="of a contract test",
        Tags=[{"Key": "team", "Value": "orders"}],
    )
    yield made["CacheParameterGroup"]["ARN"]
    elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)


def tags(answer: dict[str, Any]) -> dict[str, str]:
    """Return the tags that an answer lists; the order is nobody's promise."""
    return {item["Key"]: item["Value"] for item in answer["TagList"]}


def test_tags_are_added_overwritten_and_taken_away(elasticache: Any, arn: str) -> None:
    """Each answer lists what there is then."""
    first = tags(elasticache.list_tags_for_resource(ResourceName=arn))
    added = tags(elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "stage", "Value": "test"}]))
    changed = tags(elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "team", "Value": "pages"}]))
    left = tags(elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=["team"]))

    assert first == {"team": "orders"}
    assert added == {"team": "orders", "stage": "test"}
    assert changed == {"team": "pages", "stage": "test"}
    assert left == tags(elasticache.list_tags_for_resource(ResourceName=arn)) == {"stage": "test"}


def test_what_is_not_there_is_named(elasticache: Any, arn: str) -> None:
    """A tag, a resource, and an ARN that is none, each with boto3's class of error."""
    with pytest.raises(elasticache.exceptions.TagNotFoundFault):
        elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=["none"])
    with pytest.raises(elasticache.exceptions.CacheParameterGroupNotFoundFault):
        elasticache.list_tags_for_resource(ResourceName=f"{arn}-none")
    with pytest.raises(elasticache.exceptions.InvalidARNFault):
        elasticache.list_tags_for_resource(ResourceName="not-an-arn")


def test_fifty_tags_are_the_most(elasticache: Any, arn: str) -> None:
    """One more than that is refused, and none of the request is there."""
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    with pytest.raises(elasticache.exceptions.TagQuotaPerResourceExceeded):
        elasticache.add_tags_to_resource(ResourceName=arn, Tags=many)

    assert tags(elasticache.list_tags_for_resource(ResourceName=arn)) == {"team": "orders"}
