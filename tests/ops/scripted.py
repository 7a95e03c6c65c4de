"""What tests of operations stand on: an ElastiCache API that answers from a script, and a clock that obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from elasticache_kit.ops.wait import Clock

if TYPE_CHECKING:
    from botocore.stub import Stubber

    from elasticache_kit.ops.session import Session

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Api:
    """A session whose clients answer from a script."""

    session: Session
    ask: Stubber
    act: Stubber

    def group(self, **changes: Any) -> None:
        """Script DescribeReplicationGroups and DescribeCacheClusters for `orders`, one primary and one replica."""
        members = changes.pop("members", ("orders-001", "orders-002"))
        status = changes.pop("member_status", "available")
        record = {
            "ReplicationGroupId": "orders",
            "Status": "available",
            "AutomaticFailover": "enabled",
            "MultiAZ": "enabled",
            "ClusterEnabled": False,
            "Engine": "valkey",
            "CacheNodeType": "cache.t4g.micro",
            "MemberClusters": list(members),
            "NodeGroups": [node_group(members)],
            **changes,
        }
        self.ask.add_response("describe_replication_groups", {"ReplicationGroups": [record]})
        clusters = [cache_cluster(member, status) for member in members]
        self.ask.add_response(
            "describe_cache_clusters", {"CacheClusters": [*clusters, cache_cluster("other", "available")]}
        )

    def events(self, *events: tuple[float, str, str]) -> None:
        """Script one DescribeEvents: seconds after noon, source id, message."""
        records = [
            {
                "SourceIdentifier": source,
                "SourceType": "replication-group" if source == "orders" else "cache-cluster",
                "Message": message,
                "Date": NOON + timedelta(seconds=seconds),
            }
            for seconds, source, message in events
        ]
        self.ask.add_response("describe_events", {"Events": records})


def node_group(members: tuple[str, ...]) -> Mapping[str, Any]:
    """Return a node group of which the first member is the primary."""
    return {
        "NodeGroupId": "0001",
        "Status": "available",
        "PrimaryEndpoint": {"Address": "primary.example", "Port": 6379},
        "ReaderEndpoint": {"Address": "reader.example", "Port": 6379},
        "NodeGroupMembers": [
            {
                "CacheClusterId": member,
                "CacheNodeId": "0001",
                "CurrentRole": "replica" if number else "primary",
                "PreferredAvailabilityZone": f"us-east-1{'abc'[number]}",
            }
            for number, member in enumerate(members)
        ],
    }


def cache_cluster(name: str, status: str) -> Mapping[str, Any]:
    """Return a cache cluster with one node."""
    return {
        "CacheClusterId": name,
        "CacheClusterStatus": status,
        "EngineVersion": "8.1.0",
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": f"{name}.example", "Port": 6379}}],
    }


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    seconds: float = 0.0

    def clock(self) -> Clock:
        """Return the clock."""

        def sleep(seconds: float) -> None:
            self.seconds += seconds

        return Clock(lambda: self.seconds, sleep)
