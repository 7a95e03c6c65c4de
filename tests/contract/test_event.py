"""Events of a cache cluster, on the emulator and with --aws on AWS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network

CREATED = "Cache cluster created"
ADDED = "Added cache node 0001 in availability zone"


@pytest.fixture(scope="module")
def cluster(place: Place, elasticache: Any, network: Network) -> Iterator[str]:
    """The id of a cluster of one node, of which something is told."""
    cluster = unique()
    elasticache.create_cache_cluster(
        CacheClusterId=cluster,
        Engine="memcached",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=1,
        CacheSubnetGroupName=network.subnet_group,
        SecurityGroupIds=[network.security_group],
    )
    place.wait("cache_cluster_available", CacheClusterId=cluster)
    place.until(lambda: messages(elasticache, cluster), lambda told: CREATED in told)
    yield cluster
    elasticache.delete_cache_cluster(CacheClusterId=cluster)
    place.wait("cache_cluster_deleted", CacheClusterId=cluster)


def told(elasticache: Any, cluster: str, **request: Any) -> list[dict[str, Any]]:
    """Return the events of a cluster as they come."""
    pages = elasticache.get_paginator("describe_events").paginate(
        SourceType="cache-cluster", SourceIdentifier=cluster, **request
    )
    return [event for page in pages for event in page["Events"]]


def messages(elasticache: Any, cluster: str, **request: Any) -> list[str]:
    """Return what the events of a cluster say."""
    return [event["Message"] for event in told(elasticache, cluster, **request)]


def test_a_new_cluster_is_told_of(elasticache: Any, cluster: str) -> None:
    """With its node, in AWS's words; the newest event comes first, and nobody else's is among them."""
    events = told(elasticache, cluster)
    said = [event["Message"] for event in events]

    assert CREATED in said
    assert any(message.startswith(ADDED) for message in said)
    assert {(event["SourceType"], event["SourceIdentifier"]) for event in events} == {("cache-cluster", cluster)}
    assert [event["Date"] for event in events] == sorted((event["Date"] for event in events), reverse=True)


def test_the_time_that_is_asked_for(elasticache: Any, cluster: str) -> None:
    """Up to now by a duration, between two moments, and nothing outside of them."""
    when = next(event["Date"] for event in told(elasticache, cluster) if event["Message"] == CREATED)
    minute = dt.timedelta(minutes=1)

    assert CREATED in messages(elasticache, cluster, Duration=14 * 24 * 60)
    assert CREATED in messages(elasticache, cluster, StartTime=when - minute, EndTime=when + minute)
    assert CREATED not in messages(elasticache, cluster, StartTime=when + minute)
    assert messages(elasticache, cluster, EndTime=when - minute) == []


def test_an_identifier_is_of_a_type(elasticache: Any, cluster: str) -> None:
    """One without a type is refused."""
    with pytest.raises(elasticache.exceptions.InvalidParameterCombinationException):
        elasticache.describe_events(SourceIdentifier=cluster)
