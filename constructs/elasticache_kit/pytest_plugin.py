"""The fixtures of elasticache-kit for pytest; installed with the package, nothing is to be configured.

    def test_orders(elasticache):
        elasticache.deploy("cdk.out")
        boto3.client("elasticache").describe_replication_groups()

    def test_failover(elasticache_cluster):
        group = elasticache_cluster(num_node_groups=3, replicas_per_node_group=1)
        group.client().set("k", "v")
        group.fail_over()

Each test begins with an empty account. One emulator serves all tests of a process and is emptied between them, so that
the second test costs next to nothing. With pytest-xdist each worker has its own. See docs/pytest.md
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.emulator.account import LocalAccount
    from elasticache_kit.emulator.local_replication_group import LocalReplicationGroup
    from elasticache_kit.emulator.server import Emulator

# What could lead a client past the emulator.
MISLEADING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)


class ElastiCacheHost:
    """The emulator of this process: moto's state belongs to the process, so there is one at a time.

    Args:
        factory: makes the folders that engines write to.
    """

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._emulator: Emulator | None = None
        self._engines = False

    def emulator(self, *, engines: bool) -> Emulator:
        """Return the emulator, empty, with engines or without."""
        from elasticache_kit.emulator.lifecycle import INSTANT  # noqa: PLC0415 - moto costs a second that others keep
        from elasticache_kit.emulator.server import Emulator  # noqa: PLC0415 - see above

        if self._emulator is not None and self._engines == engines:
            self._emulator.reset()
            return self._emulator
        self.close()
        directory = self._factory.mktemp("elasticache", numbered=True)
        self._emulator, self._engines = Emulator(directory, timing=INSTANT, engines=engines).start(), engines
        return self._emulator

    def close(self) -> None:
        """Stop the emulator and all its engines."""
        if self._emulator is not None:
            self._emulator.stop()
            self._emulator = None


class ClusterFactory:
    """Makes replication groups with engines in an account.

    Args:
        account: the account, for `deploy` and clients of other services.
    """

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self._made: list[LocalReplicationGroup] = []
        self._numbers = itertools.count(1)

    def __call__(
        self, *, num_node_groups: int = 1, replicas_per_node_group: int = 0, tls: bool = False, **request: Any
    ) -> LocalReplicationGroup:
        """Create a replication group and return when clients can use it.

        Args:
            num_node_groups: its shards; several, or `ClusterMode="enabled"`, are cluster mode enabled. Default: 1.
            replicas_per_node_group: the replicas of each. Default: none.
            tls: whether clients speak TLS, verified against the emulator's own authority. Default: no.
            request: further members of CreateReplicationGroup, which override these.
        """
        from elasticache_kit.emulator.local_replication_group import LocalReplicationGroup  # noqa: PLC0415 - see above

        name = str(request.pop("ReplicationGroupId", f"cluster-{next(self._numbers)}"))
        sharded = num_node_groups > 1 or request.get("ClusterMode") == "enabled"
        size: dict[str, Any] = (
            {
                "NumNodeGroups": num_node_groups,
                "ReplicasPerNodeGroup": replicas_per_node_group,
                "CacheParameterGroupName": "default.valkey8.cluster.on",
            }
            if sharded
            else {"NumCacheClusters": 1 + replicas_per_node_group}
        )
        defaults = {
            "ReplicationGroupDescription": "of a test",
            "Engine": "valkey",
            "EngineVersion": "8.1",
            "CacheNodeType": "cache.t4g.small",
            "AutomaticFailoverEnabled": sharded or replicas_per_node_group > 0,
            "TransitEncryptionEnabled": tls,
        }
        asked = {"ReplicationGroupId": name, **defaults, **size, **request}
        if asked["TransitEncryptionEnabled"] and "CacheSubnetGroupName" not in asked:
            # Only TLS needs one: EC2 takes as long to be there as all the rest.
            asked["CacheSubnetGroupName"] = self._subnet_group()
        elasticache = self.account.client("elasticache")
        elasticache.create_replication_group(**asked)
        made = LocalReplicationGroup(self.account, name)
        self._made.append(made)
        made.await_status()
        return made

    def group(self, replication_group_id: str) -> LocalReplicationGroup:
        """Return a replication group that exists, for example one that was deployed."""
        from elasticache_kit.emulator.local_replication_group import LocalReplicationGroup  # noqa: PLC0415 - see above

        found = LocalReplicationGroup(self.account, replication_group_id)
        found.await_status()
        self._made.append(found)
        return found

    def close(self) -> None:
        """Close the clients of all groups."""
        for made in self._made:
            made.close()

    def _subnet_group(self) -> str:
        name, ec2, elasticache = "of-tests", self.account.client("ec2"), self.account.client("elasticache")
        if any(
            item["CacheSubnetGroupName"] == name
            for item in elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]
        ):
            return name
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{self.account.region}{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("abc")
        ]
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="of tests", SubnetIds=subnets
        )
        return name


@pytest.fixture(scope="session")
def elasticache_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElastiCacheHost]:
    """Hold the emulator of this process; it starts with the first test that asks for a fixture below."""
    host = ElastiCacheHost(tmp_path_factory)
    yield host
    host.close()


@pytest.fixture
def elasticache(elasticache_host: ElastiCacheHost, monkeypatch: pytest.MonkeyPatch) -> LocalAccount:
    """Give an empty local account: ElastiCache's control plane and every service of moto, without engines.

    The environment leads there, so that `boto3.client("elasticache")` in the code under test needs nothing more.
    """
    return _account(elasticache_host, monkeypatch, engines=False)


@pytest.fixture
def elasticache_cluster(elasticache_host: ElastiCacheHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterFactory]:
    """Make replication groups in an empty local account whose nodes are real engine processes.

    The environment leads there. All engines end with the test.
    """
    factory = ClusterFactory(_account(elasticache_host, monkeypatch, engines=True))
    yield factory
    factory.close()
    # Not left to the next test: that may be long after, or never come.
    factory.account.emulator.reset()


def _account(host: ElastiCacheHost, monkeypatch: pytest.MonkeyPatch, *, engines: bool) -> LocalAccount:
    # First of all: moto asks boto3 for a session while it is imported, and a profile that is not there ends that.
    for name in MISLEADING:
        monkeypatch.delenv(name, raising=False)
    from elasticache_kit.emulator.account import LocalAccount  # noqa: PLC0415 - moto costs a second that others keep

    account = LocalAccount(host.emulator(engines=engines))
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    return account
