"""LocalReplicationGroup: a replication group of a local account, with its engines, its clients and its faults."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.outage.catalog import KINDS
from elasticache_kit.errors import EmulatorError, WaitTimeoutError
from elasticache_kit.model.environment import CacheEnvironment

if TYPE_CHECKING:
    from elasticache_kit.emulator.account import LocalAccount

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.02


class LocalReplicationGroup:
    """A replication group that runs on this machine.

    Args:
        account: where it is.
        replication_group_id: its id.
    """

    def __init__(self, account: LocalAccount, replication_group_id: str) -> None:
        self.account = account
        self.replication_group_id = replication_group_id
        self._clients: list[Any] = []

    def describe(self) -> dict[str, Any]:
        """Return what DescribeReplicationGroups says of it."""
        answer = self.account.client("elasticache").describe_replication_groups(
            ReplicationGroupId=self.replication_group_id
        )
        return answer["ReplicationGroups"][0]

    def await_status(self, status: str = "available") -> dict[str, Any]:
        """Wait for a status and return the description.

        Raises:
            EmulatorError: the group could not be created.
            WaitTimeoutError: the status does not come.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (described := self.describe())["Status"] != status:
            if described["Status"] == "create-failed":
                raise EmulatorError(
                    f"{self.replication_group_id} could not be created; the log of the emulator says why"
                )
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"{self.replication_group_id} is {described['Status']}, not {status}")
            time.sleep(POLL_SECONDS)
        return described

    @property
    def environment(self) -> CacheEnvironment:
        """What an application must know to connect, see `model.environment`."""
        group = self.describe()
        sharded, shards = bool(group.get("ClusterEnabled")), group["NodeGroups"]
        endpoint = group["ConfigurationEndpoint"] if sharded else shards[0]["PrimaryEndpoint"]
        fleet = self.account.emulator.fleet
        tls = bool(group.get("TransitEncryptionEnabled"))
        return CacheEnvironment(
            endpoint=endpoint["Address"],
            reader_endpoint=None if sharded else shards[0].get("ReaderEndpoint", {}).get("Address"),
            port=endpoint["Port"],
            engine=group["Engine"],
            topology="cluster-mode-enabled" if sharded else "cluster-mode-disabled",
            tls=tls,
            ca_file=str(fleet.ca_file) if tls and fleet is not None else None,
            cache_name=self.replication_group_id,
            region=self.account.region,
        )

    def client(self, **options: Any) -> Any:
        """Return a client of valkey-py that is connected to the group; it is closed with the group's test.

        Args:
            options: options of the client, which override those that the group asks for.
        """
        known = self.environment
        given: dict[str, Any] = {"host": known.endpoint, "port": known.port, "decode_responses": True}
        if known.tls:
            given |= {"ssl": True, "ssl_ca_certs": known.ca_file}
        kind: Any = ValkeyCluster if known.topology == "cluster-mode-enabled" else valkey.Valkey
        made = kind(**{**given, **options})
        self._clients.append(made)
        return made

    def primary(self, node_group_id: str = "0001") -> str:
        """Return the cache cluster id of the primary of a node group; in the middle of a failover wait for the new one.

        Raises:
            WaitTimeoutError: no node becomes the primary.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self._primary(node_group_id)) is None:
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"{self.replication_group_id} has no primary in {node_group_id}")
            time.sleep(POLL_SECONDS)
        return found

    def kill(self, cache_cluster_id: str) -> None:
        """Kill the process of a node (SIGKILL); nobody tells the control plane.

        Raises:
            EmulatorError: the account has no engines.
        """
        fleet = self.account.emulator.fleet
        if fleet is None:
            raise EmulatorError("this account has no engines: take the fixture `elasticache_cluster`")
        fleet.kill(self._key, cache_cluster_id)

    @contextmanager
    def fault(self, kind: str, **members: Any) -> Generator[dict[str, Any]]:
        """Break something of this group while a block goes on, see docs/faults.md, and wait until it is whole again.

        Args:
            kind: what breaks, for example `replication-lag`.
            members: what the kind is told, without the Region. A kind that can be about a group is about this one when
                no CacheClusterId is given.

        Raises:
            RefusedError: the order is not complete, or nothing runs that it could be about; with all reasons.
            WaitTimeoutError: the group does not become whole again.
        """
        takes = {field.name for field in KINDS[kind].fields} if kind in KINDS else set[str]()
        if "ReplicationGroupId" in takes and "CacheClusterId" not in members:
            members = {"ReplicationGroupId": self.replication_group_id, **members}
        with self.account.fault(kind, **members) as begun:
            yield begun
        self.await_whole()

    def await_whole(self) -> None:
        """Wait until every node is available and no failover goes on.

        Raises:
            WaitTimeoutError: that does not come.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._whole():
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"{self.replication_group_id} does not become whole again")
            time.sleep(POLL_SECONDS)

    def fail_over(self, node_group_id: str = "0001") -> str:
        """Call TestFailover, wait until the lost node is back, and return the new primary."""
        elasticache = self.account.client("elasticache")
        before = self.primary(node_group_id)
        elasticache.test_failover(ReplicationGroupId=self.replication_group_id, NodeGroupId=node_group_id)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.primary(node_group_id) == before or self._recovering(node_group_id):
            if time.monotonic() > deadline:
                raise WaitTimeoutError(
                    f"{self.replication_group_id} does not recover from the failover of {node_group_id}"
                )
            time.sleep(POLL_SECONDS)
        return self.primary(node_group_id)

    def close(self) -> None:
        """Close the clients."""
        for made in self._clients:
            made.close()
        self._clients.clear()

    @property
    def _key(self) -> str:
        return f"{self.account.account_id}/{self.account.region}/{self.replication_group_id}"

    def _members(self, node_group_id: str) -> list[dict[str, Any]]:
        for node_group in self.describe()["NodeGroups"]:
            if node_group["NodeGroupId"] == node_group_id:
                return node_group["NodeGroupMembers"]
        raise EmulatorError(f"{self.replication_group_id} has no node group {node_group_id}")

    def _primary(self, node_group_id: str) -> str | None:
        fleet = self.account.emulator.fleet
        members = self._members(node_group_id)
        if fleet is None:
            roles = {item["CacheClusterId"]: item.get("CurrentRole", "primary") for item in members}
        else:
            roles = fleet.roles(self._key)
        names = (item["CacheClusterId"] for item in members)
        return next((name for name in names if roles.get(name) == "primary"), None)

    def _whole(self) -> bool:
        group = self.describe()
        clusters = self.account.client("elasticache").describe_cache_clusters()["CacheClusters"]
        statuses = {
            item["CacheClusterStatus"] for item in clusters if item["CacheClusterId"] in group["MemberClusters"]
        }
        shards = {item["Status"] for item in group["NodeGroups"]}
        return group["Status"] == "available" and statuses | shards == {"available"}

    def _recovering(self, node_group_id: str) -> bool:
        group = self.describe()
        shard = next(item for item in group["NodeGroups"] if item["NodeGroupId"] == node_group_id)
        return group["Status"] != "available" or shard["Status"] != "available"
