"""Every example that botocore ships for ElastiCache gets an answer of its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import botocore
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import client_of, code, make_subnet_group, make_subnets, until

_FILE = Path(botocore.__file__).parent / "data" / "elasticache" / "2015-02-02" / "examples-1.json"
_REST = frozenset({"available", "active"})
# What AWS refuses to accounts of today.
_REFUSED = "CacheSecurityGroup"
# What the examples of 2016 name and nobody can make any more, or what only their account has.
_TODAY: dict[str, Any] = {
    "cache.r3.large": "cache.r7g.large",
    "cache.r3.larage": "cache.r7g.large",
    "cache.m3.medium": "cache.m7g.large",
    "1.4.24": "1.6.22",
    "3.2.4": "7.1",
    "2.8.24": "7.1",
    "default.redis3.2.cluster.on": "default.redis7.cluster.on",
    "Light Utilization": "All Upfront",
    "custom-mem1-4  ": "custom-mem1-4",
}
# What an example of 2016 leaves out and AWS asks for today.
_ADDED: dict[str, dict[str, Any]] = {"clustered-redis-rg": {"AutomaticFailoverEnabled": True}}
# Members of an example's answer that a cache of today, or of its setting here, does not have,
# and the texts about parameters, which our data lack.
_GONE = (
    ".Marker",
    ".CacheSize",
    ".CacheNodeTypeSpecificParameters",
    ".CacheSecurityGroups",
    ".UsagePrice",
    ".Parameters[].Description",
)


def _examples() -> list[Any]:
    """List all examples; what deletes comes last, so that the others find what they name."""
    listed = cast("dict[str, list[dict[str, Any]]]", json.loads(_FILE.read_text(encoding="utf-8"))["examples"])
    rows = [(name, number, item) for name, items in listed.items() for number, item in enumerate(items)]
    rows.sort(key=lambda row: (row[0].startswith("Delete"), row[0]))
    return [pytest.param(name, item, id=f"{name}-{number}") for name, number, item in rows]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[str]]]:
    """A client of an emulator that has what the examples name, and the ids of its subnets."""
    with Emulator(tmp_path_factory.mktemp("world"), timing=INSTANT, engines=False) as emulator:
        client = client_of(emulator.endpoint_url, "us-east-1")
        subnets = make_subnets(client, "abc")
        make_subnet_group(client, subnets)
        api = client("elasticache")
        _fill(api, subnets)
        yield api, subnets


def _fill(api: Any, subnets: list[str]) -> None:
    for name in ("default", "my-sn-grp", "my-subnet-group"):
        api.create_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=subnets)
    for name, family in (("custom-mem1-4", "memcached1.4"),):
        api.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description="d"
        )
    for name in ("my-mem-cluster", "my-memcached", "custom-mem1-4"):
        api.create_cache_cluster(
            CacheClusterId=name,
            Engine="memcached",
            CacheNodeType="cache.t4g.small",
            NumCacheNodes=2,
            CacheSubnetGroupName="default",
        )
    for name in ("onenoderedis", "redis-cluster", "mycluster"):
        api.create_cache_cluster(
            CacheClusterId=name,
            Engine="redis",
            CacheNodeType="cache.t4g.small",
            NumCacheNodes=1,
            CacheSubnetGroupName="default",
        )
    group = {
        "ReplicationGroupDescription": "d",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
        "CacheSubnetGroupName": "default",
    }
    for name in ("threenoderedis", "myreplgroup"):
        api.create_replication_group(ReplicationGroupId=name, NumCacheClusters=3, **group)
    api.create_replication_group(
        ReplicationGroupId="clusteredredis",
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        **group,
    )
    tags = [{"Key": key, "Value": key} for key in "ABCDEF"]
    for name in ("my-mem-cluster", "mycluster"):
        api.add_tags_to_resource(ResourceName=f"arn:aws:elasticache:us-east-1:123456789012:cluster:{name}", Tags=tags)
    settle(api)
    for name in ("my-snapshot", "snapshot-20161212"):
        api.create_snapshot(SnapshotName=name, CacheClusterId="mycluster")
        settle(api)


def settle(api: Any) -> None:
    """Wait until everything is at rest."""

    def statuses() -> set[str]:
        groups = api.describe_replication_groups()["ReplicationGroups"]
        clusters = api.describe_cache_clusters()["CacheClusters"]
        snapshots = api.describe_snapshots()["Snapshots"]
        return {
            *(item["Status"] for item in groups),
            *(item["CacheClusterStatus"] for item in clusters),
            *(item["SnapshotStatus"] for item in snapshots),
        }

    until(statuses, lambda seen: seen <= _REST)


def _adapted(value: Any, api: Any, subnets: list[str]) -> Any:
    """Put what there is in the place of what only the account of the example has."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {key: _adapted(item, api, subnets) for key, item in items.items()}
    if isinstance(value, list):
        texts = cast("list[Any]", value)
        if any(str(item).startswith("subnet-") for item in texts):
            return subnets[: len(texts)]
        return [_adapted(item, api, subnets) for item in texts]
    if isinstance(value, str) and value.startswith("arn:aws:elasticache:"):
        return f"arn:aws:elasticache:us-east-1:123456789012:{':'.join(value.split(':')[5:])}"
    if isinstance(value, str) and value.count("-") == 4 and len(value) == 36:
        offered = api.describe_reserved_cache_nodes_offerings()["ReservedCacheNodesOfferings"]
        return offered[0]["ReservedCacheNodesOfferingId"]
    return _TODAY.get(value, value) if isinstance(value, str) else value


def _lacking(expected: Any, got: Any, path: str = "") -> list[str]:
    """Name the members that an example's answer has and another lacks; what is empty in the example may be missing."""
    if isinstance(expected, dict):
        members = cast("dict[str, Any]", expected)
        if not isinstance(got, dict):
            return [path]
        answer = cast("dict[str, Any]", got)
        return [
            name
            for key, item in members.items()
            if item not in ("", [], {}, None) and not f"{path}.{key}".endswith(_GONE)
            for name in (_lacking(item, answer[key], f"{path}.{key}") if key in answer else [f"{path}.{key}"])
        ]
    if isinstance(expected, list) and expected:
        entries = cast("list[Any]", expected)
        return _lacking(entries[0], cast("list[Any]", got)[0], f"{path}[]") if got else [f"{path}[]"]
    return []


def test_what_an_answer_lacks_is_found() -> None:
    """The comparison can fail: negative controls."""
    assert _lacking({"A": {"B": 1, "C": ""}, "L": [{"D": 1}]}, {"A": {}, "L": [{}]}) == [".A.B", ".L[].D"]
    assert _lacking({"L": [1]}, {"L": []}) == [".L[]"]
    assert _lacking({"A": 1}, {"A": 2, "B": 3}) == []


@pytest.mark.parametrize(("operation", "example"), _examples())
def test_an_example_gets_an_answer_of_its_shape(
    world: tuple[Any, list[str]], operation: str, example: dict[str, Any]
) -> None:
    """Every member that the example's answer has is in ours; security groups are refused as AWS does today."""
    api, subnets = world
    settle(api)
    call = getattr(api, xform_name(operation))
    request = _adapted(example.get("input") or {}, api, subnets)
    request.update(_ADDED.get(request.get("ReplicationGroupId", ""), {}))
    if operation == "DescribeCacheParameters":
        # The example lists what was set, and no example before sets anything in this group.
        api.modify_cache_parameter_group(
            CacheParameterGroupName="custom-redis2-8",
            ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}],
        )

    if _REFUSED in operation:
        with pytest.raises(ClientError) as caught:
            call(**request)
        assert code(caught) in ("InvalidParameterValue", "CacheSecurityGroupNotFound")
        return

    assert _lacking(example.get("output") or {}, call(**request)) == []
