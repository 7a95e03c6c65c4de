"""What becomes of a replication group whose engines do not play along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from valkey import Valkey

from elasticache_kit.emulator.fleet import binary
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import at_rest, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine


@pytest.fixture
def dying_engine(tmp_path: Path) -> Path:
    """An engine that tells its version and dies when it should serve."""
    program = tmp_path / "dying-server"
    real = binary.find(None).path
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec "{real}" --version\necho out of order >&2\nexit 7\n')
    program.chmod(0o755)
    return program


def test_a_group_that_could_not_be_created_is_shown_and_can_be_deleted(tmp_path: Path, dying_engine: Path) -> None:
    """Its status says it, describing still works, and deleting frees the id."""
    with Emulator(tmp_path / "state", timing=INSTANT, engine_binary=dying_engine) as emulator:
        client = client_of(emulator.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client)
        elasticache = client("elasticache")

        (group,) = until(
            lambda: elasticache.describe_replication_groups()["ReplicationGroups"],
            lambda groups: groups[0]["Status"] != "creating",
        )
        elasticache.describe_cache_clusters(ShowCacheNodeInfo=True)
        elasticache.delete_replication_group(ReplicationGroupId="orders")

        assert group["Status"] == "create-failed"
        until(
            lambda: elasticache.describe_replication_groups()["ReplicationGroups"],
            lambda groups: groups == [],
        )


def test_a_stack_whose_group_does_not_start_is_rolled_back_whole(tmp_path: Path, dying_engine: Path) -> None:
    """The failed group goes as well: it would hold its subnet group, and the rollback would fail."""
    template: dict[str, Any] = {
        "Resources": {
            "Net": {
                "Type": "AWS::ElastiCache::SubnetGroup",
                "Properties": {"Description": "d", "SubnetIds": "filled in below"},
            },
            "Group": {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "Properties": {
                    "ReplicationGroupDescription": "d",
                    "Engine": "valkey",
                    "CacheNodeType": "cache.t4g.small",
                    "CacheSubnetGroupName": {"Ref": "Net"},
                    "TransitEncryptionEnabled": True,
                    "AutomaticFailoverEnabled": False,
                    "NumCacheClusters": 1,
                },
            },
        }
    }
    with Emulator(tmp_path / "state", timing=INSTANT, engine_binary=dying_engine) as emulator:
        client = client_of(emulator.endpoint_url)
        template["Resources"]["Net"]["Properties"]["SubnetIds"] = list(make_subnets(client, "ab"))
        client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))

        stack = at_rest(client, "s")

        assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
        assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
        assert client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"] == []


def test_replicas_that_come_and_go_are_engines(tmp_path: Path) -> None:
    """By number, by an id of their own, and by name: the primary counts who follows it."""
    with Emulator(tmp_path, timing=INSTANT) as emulator:
        client = client_of(emulator.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client, NumCacheClusters=2, TransitEncryptionEnabled=False)
        elasticache = client("elasticache")

        def followers() -> int:
            address = available(elasticache)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
            primary: Any = Valkey(host=address)
            with primary:
                return primary.info("replication")["connected_slaves"]

        counts = [followers()]
        by_shard = [{"NodeGroupId": "0001", "NewReplicaCount": 2}]
        elasticache.increase_replica_count(
            ReplicationGroupId="orders", ReplicaConfiguration=by_shard, ApplyImmediately=True
        )
        counts.append(followers())
        elasticache.create_cache_cluster(CacheClusterId="extra", ReplicationGroupId="orders")
        counts.append(followers())
        elasticache.delete_cache_cluster(CacheClusterId="extra")
        counts.append(followers())
        elasticache.decrease_replica_count(
            ReplicationGroupId="orders", ReplicasToRemove=["orders-002"], ApplyImmediately=True
        )
        counts.append(followers())

        assert counts == [1, 2, 3, 2, 1]
        assert available(elasticache)["MemberClusters"] == ["orders-001", "orders-003"]
