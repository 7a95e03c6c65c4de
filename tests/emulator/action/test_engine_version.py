"""What there is to choose, over the wire: versions, and node types that a cache can change to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, Create, available, code


@pytest.fixture
def api(client: Client) -> Any:
    """A boto3 client of a region without anything in it."""
    return client("elasticache")


def test_versions_can_be_filtered(api: Any) -> None:
    """By engine, by family, by version, and the defaults alone."""

    def listed(**filters: Any) -> list[tuple[str, str]]:
        found = api.describe_cache_engine_versions(**filters)["CacheEngineVersions"]
        return [(item["Engine"], item["EngineVersion"]) for item in found]

    assert {engine for engine, _ in listed()} == {"valkey", "redis", "memcached"}
    assert {engine for engine, _ in listed(Engine="redis")} == {"redis"}
    assert listed(CacheParameterGroupFamily="valkey8", EngineVersion="8.1") == [("valkey", "8.1")]
    assert len(listed(DefaultOnly=True)) == 3
    with pytest.raises(ClientError, match="Engine keydb"):
        listed(Engine="keydb")


def test_node_types_larger_and_smaller(elasticache: Any, group: Create) -> None:
    """The present one is in neither list, and a group can change to any of the larger ones."""
    group(CacheNodeType="cache.r7g.xlarge")
    available(elasticache)

    of_group = elasticache.list_allowed_node_type_modifications(ReplicationGroupId="orders")
    of_node = elasticache.list_allowed_node_type_modifications(CacheClusterId="orders-002")

    larger, smaller = of_group["ScaleUpModifications"], of_group["ScaleDownModifications"]
    assert "cache.r7g.2xlarge" in larger
    assert "cache.r7g.large" in smaller
    assert not {"cache.r7g.xlarge", "cache.r6gd.4xlarge"} & {*larger, *smaller}
    assert of_node["ScaleUpModifications"] == larger


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "InvalidParameterCombination"),
        ({"CacheClusterId": "a", "ReplicationGroupId": "b"}, "InvalidParameterCombination"),
        ({"CacheClusterId": "none"}, "CacheClusterNotFound"),
        ({"ReplicationGroupId": "none"}, "ReplicationGroupNotFoundFault"),
    ],
)
def test_one_cache_that_is_there(api: Any, asked: dict[str, str], expected: str) -> None:
    """None, two, unknown ones."""
    with pytest.raises(ClientError) as caught:
        api.list_allowed_node_type_modifications(**asked)

    assert code(caught) == expected
