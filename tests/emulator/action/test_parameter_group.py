"""Cache parameter groups over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code


@pytest.fixture
def own(elasticache: Any) -> Any:
    """A client of a region with the parameter group `mine` of family valkey8."""
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="valkey8", Description="d"
    )
    return elasticache


def pairs(**values: str) -> list[dict[str, str]]:
    """Parameters as the API takes them; underscores stand for hyphens."""
    return [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]


def user_values(client: Any, name: str = "mine") -> dict[str, str]:
    """What was set, over all pages."""
    pages = client.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name, Source="user")
    return {item["ParameterName"]: item["ParameterValue"] for page in pages for item in page["Parameters"]}


def test_a_value_is_the_users_until_it_is_reset(own: Any) -> None:
    """A set parameter has source user, after a reset the family's default again."""
    own.modify_cache_parameter_group(
        CacheParameterGroupName="mine", ParameterNameValues=pairs(maxmemory_policy="noeviction")
    )
    assert user_values(own) == {"maxmemory-policy": "noeviction"}

    own.reset_cache_parameter_group(CacheParameterGroupName="mine", ResetAllParameters=True)

    assert user_values(own) == {}


@pytest.mark.parametrize("values", [{"no_such_parameter": "1"}, {"maxmemory_policy": "sometimes"}, {"maxmemory": "1"}])
def test_the_rulebook_refuses_what_the_family_does_not_have(own: Any, values: dict[str, str]) -> None:
    """Unknown name, value outside the allowed ones, a parameter that cannot be set: nothing is changed."""
    with pytest.raises(ClientError) as caught:
        own.modify_cache_parameter_group(CacheParameterGroupName="mine", ParameterNameValues=pairs(**values))

    assert code(caught) == "InvalidParameterValue"
    assert user_values(own) == {}


def test_defaults_cannot_be_changed(elasticache: Any) -> None:
    """The default groups belong to AWS."""
    with pytest.raises(ClientError, match="cannot be changed or deleted"):
        elasticache.modify_cache_parameter_group(
            CacheParameterGroupName="default.valkey8", ParameterNameValues=pairs(maxmemory_policy="noeviction")
        )


def test_default_groups_are_listed(elasticache: Any) -> None:
    """Each family has its default, and where there are clusters one with cluster mode on."""
    pages = elasticache.get_paginator("describe_cache_parameter_groups").paginate()
    names = {item["CacheParameterGroupName"] for page in pages for item in page["CacheParameterGroups"]}

    assert {"default.valkey8", "default.valkey8.cluster.on", "default.redis7", "default.memcached1.6"} <= names


def test_a_group_in_use_stays(own: Any, group: Create) -> None:
    """The replication group that uses it is named."""
    group(CacheParameterGroupName="mine")

    with pytest.raises(ClientError, match="orders"):
        own.delete_cache_parameter_group(CacheParameterGroupName="mine")


def test_an_unknown_family_is_refused(elasticache: Any) -> None:
    """The families that exist are named."""
    with pytest.raises(ClientError, match="valkey8"):
        elasticache.describe_engine_default_parameters(CacheParameterGroupFamily="redis9")


def test_a_family_whose_parameters_no_page_lists_can_be_used(group: Create, elasticache: Any) -> None:
    """A group takes its default group, and one of its own tells what was set: redis 4.0 is in extended support."""
    made = group(Engine="redis", EngineVersion="4.0.10", CacheNodeType="cache.m5.large")
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName="ours", CacheParameterGroupFamily="redis4.0", Description="d"
    )
    policy = {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}
    elasticache.modify_cache_parameter_group(CacheParameterGroupName="ours", ParameterNameValues=[policy])

    assert available(elasticache)["ReplicationGroupId"] == made["ReplicationGroupId"]
    assert elasticache.describe_cache_parameters(CacheParameterGroupName="default.redis4.0")["Parameters"] == []
    (shown,) = elasticache.describe_cache_parameters(CacheParameterGroupName="ours")["Parameters"]
    assert {name: shown[name] for name in policy} == policy
