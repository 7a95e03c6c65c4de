"""Every listing that boto3 has a paginator for, on the emulator and with --aws on AWS, where clusters cost a little."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network

_PROBE: Any = boto3.client("elasticache", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106 - never used
NAMES = [xform_name(name) for name in _PROBE.meta.service_model.operation_names]
PAGINATORS: dict[str, Any] = {name: _PROBE.get_paginator(name) for name in NAMES if _PROBE.can_paginate(name)}
# What an operation cannot be asked without.
NEEDED: dict[str, dict[str, str]] = {
    "describe_cache_parameters": {"CacheParameterGroupName": "default.valkey8"},
    "describe_engine_default_parameters": {"CacheParameterGroupFamily": "valkey8"},
}
# Where AWS names no bounds, calls them otherwise, or has nothing to list: cache security groups went with EC2-Classic.
UNBOUNDED = frozenset(
    {
        "describe_cache_security_groups",
        "describe_serverless_cache_snapshots",
        "describe_serverless_caches",
        "describe_service_updates",
        "describe_update_actions",
    }
)
# What there is so much of that it takes a second page: AWS's own, and what is made here.
LONG = (
    "describe_cache_clusters",
    "describe_cache_parameter_groups",
    "describe_cache_parameters",
    "describe_cache_subnet_groups",
    "describe_engine_default_parameters",
    "describe_events",
    "describe_user_groups",
    "describe_users",
)
MANY = 25
# The smallest and the largest page that every operation takes.
SMALL, LARGE = 20, 50


@pytest.fixture(scope="module")
def many(place: Place, elasticache: Any, network: Network) -> Iterator[str]:
    """The beginning of the names of 25 things of each of some kinds, which go again."""
    prefix = unique()
    names = [f"{prefix}-{number:02}" for number in range(MANY)]
    for name in names:
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=list(network.subnets)
        )
        elasticache.create_user(UserId=name, UserName=name, Engine="redis", AccessString="on", NoPasswordRequired=True)
        elasticache.create_user_group(UserGroupId=f"{name}-g", Engine="redis", UserIds=["default"])
        elasticache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="d"
        )
        elasticache.create_cache_cluster(
            CacheClusterId=name,
            Engine="memcached",
            CacheNodeType="cache.t4g.micro",
            NumCacheNodes=1,
            CacheSubnetGroupName=network.subnet_group,
        )
    for name in names:
        place.wait("cache_cluster_available", CacheClusterId=name)
    yield prefix
    for name in names:
        elasticache.delete_cache_subnet_group(CacheSubnetGroupName=name)
        elasticache.delete_user_group(UserGroupId=f"{name}-g")
        elasticache.delete_user(UserId=name)
        elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)
        elasticache.delete_cache_cluster(CacheClusterId=name)
    for name in names:
        place.wait("cache_cluster_deleted", CacheClusterId=name)


def pages(elasticache: Any, operation: str, size: int) -> list[list[Any]]:
    """Return every page as boto3's paginator asks for it."""
    key: Any = PAGINATORS[operation].result_keys[0]
    found = elasticache.get_paginator(operation).paginate(
        **NEEDED.get(operation, {}), PaginationConfig={"PageSize": size}
    )
    return [key.search(page) or [] for page in found]


@pytest.mark.parametrize("operation", PAGINATORS)
def test_pages_are_the_whole_list(elasticache: Any, many: str, operation: str) -> None:
    """Page by page comes what comes at once, nothing twice and nothing left out; no page is longer than asked for."""
    assert many
    small = pages(elasticache, operation, SMALL)
    whole = [item for page in pages(elasticache, operation, LARGE) for item in page]

    assert [item for page in small for item in page] == whole
    assert all(len(page) <= SMALL for page in small)
    if operation in LONG:
        # Else the comparison would be of one page with itself.
        assert len(small) > 1
        assert [len(page) for page in small[:-1]] == [SMALL] * (len(small) - 1)


@pytest.mark.parametrize("operation", [name for name in PAGINATORS if name not in UNBOUNDED])
@pytest.mark.parametrize("request_", [{"MaxRecords": 19}, {"MaxRecords": 101}, {"Marker": "never-given-out"}])
def test_a_page_that_there_is_not(elasticache: Any, operation: str, request_: dict[str, Any]) -> None:
    """Too few, too many, a marker of nobody's."""
    with pytest.raises(ClientError) as caught:
        getattr(elasticache, operation)(**NEEDED.get(operation, {}), **request_)

    response: Any = caught.value.response
    assert response["Error"]["Code"] == "InvalidParameterValue"


def test_more_is_left_than_a_page_holds(elasticache: Any, many: str) -> None:
    """The marker of the first page begins the second, as whoever has no paginator does it."""
    first = elasticache.describe_users(MaxRecords=SMALL)
    second = elasticache.describe_users(MaxRecords=SMALL, Marker=first["Marker"])
    ids = [user["UserId"] for page in (first, second) for user in page["Users"]]

    assert len(set(ids)) == len(ids)
    assert len([user for user in ids if user.startswith(many)]) >= MANY - SMALL
