"""The stack of a Memcached cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import App

from stacks.memcached import MemcachedStack
from stacks.network import NetworkStack
from tests.cdk.linted import linted, only
from tests.stacks.sizes import settings

if TYPE_CHECKING:
    from aws_cdk.assertions import Template


def _template(**changes: Any) -> Template:
    app, sizes = App(), settings(**changes)
    vpc = NetworkStack(app, "network", settings=sizes).vpc
    return linted(MemcachedStack(app, "memcached", settings=sizes, vpc=vpc))


def test_zones_and_parameters_are_said() -> None:
    """A reader sees where the nodes are and how the engine is set, and need not know the defaults."""
    template = _template()
    cluster = only(template, "AWS::ElastiCache::CacheCluster")["Properties"]

    assert cluster["AZMode"] == "cross-az"
    assert len(cluster["PreferredAvailabilityZones"]) == cluster["NumCacheNodes"]
    assert "Ref" in cluster["CacheParameterGroupName"]
    assert only(template, "AWS::ElastiCache::ParameterGroup")["Properties"]["Properties"] == {
        "max_item_size": "2097152"
    }


def test_sizes_come_from_the_settings() -> None:
    """What cdk.json says is what the template has."""
    template = _template(num_cache_nodes=3, cache_node_type="cache.m7g.large")
    cluster = only(template, "AWS::ElastiCache::CacheCluster")["Properties"]

    assert (cluster["NumCacheNodes"], cluster["CacheNodeType"]) == (3, "cache.m7g.large")


def test_outputs() -> None:
    """Whoever deploys reads the name and where clients discover the nodes."""
    assert set(_template().find_outputs("*")) == {"ClusterName", "ConfigurationEndpoint"}
