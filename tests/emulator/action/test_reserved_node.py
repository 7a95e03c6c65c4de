"""Reserved nodes over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.emulator.wire import Client


@pytest.fixture
def api(client: Client) -> Any:
    """A boto3 client of a region without anything in it."""
    return client("elasticache")


def test_an_offering_is_bought_once_under_a_name(api: Any) -> None:
    """It keeps what was offered, and changes nothing else."""
    found = api.describe_reserved_cache_nodes_offerings(
        CacheNodeType="cache.r7g.large", Duration="3", OfferingType="All Upfront", ProductDescription="valkey"
    )["ReservedCacheNodesOfferings"]
    request = {
        "ReservedCacheNodesOfferingId": found[0]["ReservedCacheNodesOfferingId"],
        "ReservedCacheNodeId": "mine",
        "CacheNodeCount": 2,
    }

    bought = api.purchase_reserved_cache_nodes_offering(**request)["ReservedCacheNode"]

    assert len(found) == 1
    assert (bought["CacheNodeCount"], bought["Duration"], bought["State"]) == (2, 3 * 31536000, "active")
    listed = api.describe_reserved_cache_nodes(CacheNodeType="cache.r7g.large")["ReservedCacheNodes"]
    assert [item["ReservedCacheNodeId"] for item in listed] == ["mine"]
    assert api.describe_reserved_cache_nodes(CacheNodeType="cache.r7g.xlarge")["ReservedCacheNodes"] == []
    with pytest.raises(api.exceptions.ReservedCacheNodeAlreadyExistsFault):
        api.purchase_reserved_cache_nodes_offering(**request)


def test_what_is_not_offered_cannot_be_bought(api: Any) -> None:
    """An unknown offering, an unknown reservation, a duration that is none."""
    with pytest.raises(api.exceptions.ReservedCacheNodesOfferingNotFoundFault):
        api.purchase_reserved_cache_nodes_offering(ReservedCacheNodesOfferingId="none")
    with pytest.raises(api.exceptions.ReservedCacheNodeNotFoundFault):
        api.describe_reserved_cache_nodes(ReservedCacheNodeId="none")
    with pytest.raises(ClientError, match="Duration 2"):
        api.describe_reserved_cache_nodes_offerings(Duration="2")


def test_offerings_come_in_pages(api: Any) -> None:
    """Each once, over many pages."""
    pages = api.get_paginator("describe_reserved_cache_nodes_offerings").paginate()
    ids = [item["ReservedCacheNodesOfferingId"] for page in pages for item in page["ReservedCacheNodesOfferings"]]

    assert len(ids) > 100
    assert len(set(ids)) == len(ids)
