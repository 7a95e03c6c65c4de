"""Checks of the tour see what is wrong: each is held against a cache that does not keep the promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.pytest_plugin import ElastiCacheHost
from tour import cluster_mode_off, cluster_mode_on, durability, reader_endpoint
from tour.place import Place
from tour.promise import BrokenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.emulator.local_replication_group import LocalReplicationGroup
    from elasticache_kit.pytest_plugin import ClusterFactory

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def elasticache_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElastiCacheHost]:
    """Hold the emulator for these tests only: others of this process start their own, and there is one at a time."""
    host = ElastiCacheHost(tmp_path_factory)
    yield host
    host.close()


def trusting(clusters: ClusterFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process trust the certificates of the emulator."""
    fleet = clusters.account.emulator.fleet
    assert fleet is not None
    monkeypatch.setenv("ELASTICACHE_KIT_CA_FILE", str(fleet.ca_file))


def place(folder: Path, stack: str, **outputs: str) -> Place:
    """Return a place with one stack."""
    return Place({f"elasticache-kit-{stack}": outputs}, folder, patience_seconds=5)


def endpoints(group: LocalReplicationGroup) -> dict[str, Any]:
    """Return the endpoints of the first shard."""
    api = group.account.client("elasticache")
    (found,) = api.describe_replication_groups(ReplicationGroupId=group.replication_group_id)["ReplicationGroups"]
    shard = found["NodeGroups"][0]
    named = {"primary": shard.get("PrimaryEndpoint"), "reader": shard.get("ReaderEndpoint")}
    named["configuration"] = found.get("ConfigurationEndpoint")
    return {name: f"{item['Address']}:{item['Port']}" for name, item in named.items() if item}


def test_reads_that_come_to_the_primary_are_seen(
    elasticache_cluster: ClusterFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the reader endpoint the promise holds; with the primary endpoint in its place it is broken."""
    group = elasticache_cluster(replicas_per_node_group=2, tls=True)
    trusting(elasticache_cluster, monkeypatch)
    name, at = group.replication_group_id, endpoints(group)

    said = reader_endpoint.check(
        place(tmp_path, reader_endpoint.STACK, ReplicationGroupId=name, ReaderEndpoint=at["reader"])
    )

    assert said.endswith("6 + 6 on the replicas, none on the primary")
    wrong = place(tmp_path, reader_endpoint.STACK, ReplicationGroupId=name, ReaderEndpoint=at["primary"])
    with pytest.raises(BrokenError, match="the primary has answered 12 of 12 reads"):
        reader_endpoint.check(wrong)


def test_the_two_cluster_modes_are_told_apart(
    elasticache_cluster: ClusterFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sharded group passes for one, and a group of one shard breaks the promise that keys are spread."""
    group = elasticache_cluster(ClusterMode="enabled", tls=True)
    trusting(elasticache_cluster, monkeypatch)
    name, at = group.replication_group_id, endpoints(group)["configuration"]

    single = place(tmp_path, cluster_mode_on.STACK, ReplicationGroupId=name, ConfigurationEndpoint=at)
    with pytest.raises(BrokenError, match="the keys are on one shard"):
        cluster_mode_on.check(single)
    sharded = place(tmp_path, cluster_mode_off.STACK, ReplicationGroupId=name, PrimaryEndpoint=at)
    with pytest.raises(BrokenError, match="the engine says that cluster mode is enabled"):
        cluster_mode_off.check(sharded)
    with pytest.raises(BrokenError, match="the effective durability is disabled"):
        durability.survive(single, name)
