"""The drill of a Memcached node: how many keys it takes along, how many move by which hashing, and when hits are back.

Memcached keeps no copies: a node that reboots comes back empty, and the application fills it again from its database.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.Rebooting.html
"""

from __future__ import annotations

import hashlib
import random
import socket
import ssl
import zlib
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.errors import ConnectionFailedError, NotFoundError, RefusedError
from elasticache_kit.ops import execution
from elasticache_kit.ops.inventory import Endpoint
from elasticache_kit.ops.plan import Call, Plan
from elasticache_kit.ops.session import reaching
from elasticache_kit.ops.wait import REAL_CLOCK, Clock

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

_TIMEOUT_SECONDS = 0.5
_POINTS = 160
_BACK = 0.95
_LIFE_SECONDS = 3600
_WINDOW = 100


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Memcached cluster as it was observed.

    Args:
        cache_cluster_id: its id.
        status: its status.
        nodes: its nodes by id.
        tls: whether clients use TLS.
        arn: its ARN; empty when the API did not tell.
    """

    cache_cluster_id: str
    status: str
    nodes: Mapping[str, Endpoint]
    tls: bool
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Args:
        node: the node that was rebooted.
        keys: how many keys there were.
        lost: the share of them that the node held.
        moved: by hashing, the share that would move to another node if clients took the lost one out of their list.
        hit_rate_before: hits among reads before.
        back_seconds: from the call until hits were what they had been; None where they were not by the end.
        errors: reads and writes without an answer.
    """

    node: str
    keys: int
    lost: float
    moved: Mapping[str, float]
    hit_rate_before: float
    back_seconds: float | None
    errors: int

    def findings(self, limit_seconds: float | None = None) -> tuple[Finding, ...]:
        """Return it as findings.

        Args:
            limit_seconds: how long hits may take to be back; only that they are is judged when omitted.
        """
        figures: dict[str, Figure] = {
            "hit_rate_before": self.hit_rate_before,
            "hit_rate_seconds": self.back_seconds,
            "errors": self.errors,
        }
        passed = self.back_seconds is not None and (limit_seconds is None or self.back_seconds <= limit_seconds)
        limit = f" (limit {spoken(limit_seconds)})" if limit_seconds is not None else ""
        told = (
            f"hits were what they had been {spoken(self.back_seconds)} after the call{limit}, {self.errors} errors"
            if self.back_seconds is not None
            else f"hits never were again what they had been, {self.errors} errors"
        )
        moved = ", ".join(f"{name} {share:.0%}" for name, share in self.moved.items())
        return (
            Finding(
                checker="hit rate",
                node_group=self.node,
                verdict=Verdict.PASSED if passed else Verdict.FAILED,
                sentence=told,
                figures=figures,
            ),
            Finding(
                checker="keys",
                node_group=self.node,
                verdict=Verdict.PASSED,
                sentence=f"{self.lost:.0%} of {self.keys:,} keys were on it; without it would move: {moved}",
                figures={"lost_share": self.lost, **{f"moved_{name}": share for name, share in self.moved.items()}},
                timed=False,
            ),
        )


def observe(session: Session, cache_cluster_id: str) -> Cluster:
    """Return a Memcached cluster with its nodes.

    Raises:
        NotFoundError: there is none of that id.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        pages = session.ask.get_paginator("describe_cache_clusters").paginate(ShowCacheNodeInfo=True)
        clusters = [cluster for page in pages for cluster in page["CacheClusters"]]
    record = next((each for each in clusters if each.get("CacheClusterId") == cache_cluster_id), None)
    if record is None:
        raise NotFoundError(f"there is no cache cluster {cache_cluster_id!r} in {session.where}")
    if record.get("Engine") != "memcached":
        raise NotFoundError(f"{cache_cluster_id} runs {record.get('Engine')}, and this drill is about Memcached")
    nodes = {
        node.get("CacheNodeId", ""): Endpoint(endpoint.get("Address", ""), endpoint.get("Port", 11211))
        for node in record.get("CacheNodes", [])
        if (endpoint := node.get("Endpoint")) is not None
    }
    status = record.get("CacheClusterStatus", "unknown")
    return Cluster(
        cache_cluster_id, status, nodes, record.get("TransitEncryptionEnabled", False), record.get("ARN", "")
    )


def refusals(cluster: Cluster) -> tuple[str, ...]:
    """Return every reason why a node of a cluster cannot be rebooted for a drill."""
    reasons: list[str] = []
    if cluster.status != "available":
        reasons.append(f"its status is {cluster.status!r}, and it must be 'available': wait for it")
    if len(cluster.nodes) < 2:  # noqa: PLR2004 - one that goes and one that stays
        reasons.append("it has one node, and with it everything goes: there is nothing to compare")
    return tuple(reasons)


@dataclass
class Drill:
    """Reads like an application does while a node reboots.

    Args:
        session: where.
        cluster: what.
        run_id: names the keys.
        keys: how many keys.
        rate: reads a second.
        baseline_seconds: reads before the reboot.
        timeout_seconds: how long to wait for hits to be back.
        tls: verifies the nodes; needed where the cluster has TLS.
        clock: real time when omitted.
    """

    session: Session
    cluster: Cluster
    run_id: str
    keys: int = 1000
    rate: float = 500.0
    baseline_seconds: float = 2.0
    timeout_seconds: float = 300.0
    tls: ssl.SSLContext | None = None
    clock: Clock = REAL_CLOCK
    _errors: int = 0
    _sockets: dict[str, socket.socket] = field(default_factory=dict[str, socket.socket])

    def run(self) -> Outcome:
        """Do it; the keys are removed at the end, and expire in any case.

        Raises:
            RefusedError: it cannot work, or AWS refuses the reboot.
            ConnectionFailedError: the cluster cannot be reached.
        """
        if reasons := refusals(self.cluster):
            raise RefusedError(f"a drill on {self.cluster.cache_cluster_id}", reasons)
        names = [f"{PREFIX}{self.run_id}:{number}" for number in range(self.keys)]
        nodes = sorted(self.cluster.nodes)
        try:
            for name in names:
                self._fill(name)
            before = self._read(names, self.baseline_seconds)
            held = [name for name in names if rendezvous(name, nodes) == nodes[0]]
            called = self.clock.now()
            self._reboot(nodes[0])
            back = self._back(names, before, called)
        finally:
            self._remove(names)
        return Outcome(
            node=nodes[0],
            keys=len(names),
            lost=len(held) / len(names),
            moved={label: moved(way, names, nodes, nodes[1:]) for label, way in HASHINGS.items()},
            hit_rate_before=before,
            back_seconds=back,
            errors=self._errors,
        )

    def _reboot(self, node: str) -> None:
        given = (("CacheClusterId", self.cluster.cache_cluster_id), ("CacheNodeIdsToReboot", [node]))
        planned = Plan(f"a drill on {self.cluster.cache_cluster_id}", (Call("RebootCacheCluster", given),))
        execution.run(planned, self.session, lambda _: None, self.clock)

    def _read(self, names: Sequence[str], seconds: float) -> float:
        """Read for a while as an application does, and return the share of hits."""
        end, hits, reads = self.clock.now() + seconds, 0, 0
        while self.clock.now() < end:
            hits += self._look_up(random.choice(names))  # noqa: S311 - no secret
            reads += 1
            self.clock.sleep(1 / self.rate)
        return hits / max(1, reads)

    def _back(self, names: Sequence[str], before: float, called: float) -> float | None:
        """Read until the cluster has rebooted and hits are what they were; return when that began to be so."""
        recent: list[bool] = []
        since: float | None = None
        rebooted = False
        asked = called
        while self.clock.now() - called < self.timeout_seconds:
            recent = [*recent, self._look_up(random.choice(names))][-_WINDOW:]  # noqa: S311 - no secret
            now = self.clock.now()
            good = len(recent) == _WINDOW and sum(recent) / _WINDOW >= _BACK * before
            since = (since if since is not None else now) if good else None
            if not rebooted and now - asked > 0.5:  # noqa: PLR2004 - the API is throttled for each account
                asked = now
                rebooted = observe(self.session, self.cluster.cache_cluster_id).status == "available"
                since, recent = None, []
            if rebooted and since is not None:
                return since - called
            self.clock.sleep(1 / self.rate)
        return None

    def _look_up(self, name: str) -> bool:
        """Read a key and write it where it is missing; return whether it was there."""
        answer = self._ask(name, f"get {name}\r\n")
        if answer is not None and answer.startswith(b"VALUE"):
            return True
        if answer is not None:
            self._fill(name)
        return False

    def _fill(self, name: str) -> None:
        self._ask(name, f"set {name} 0 {_LIFE_SECONDS} 1\r\n1\r\n")

    def _remove(self, names: Sequence[str]) -> None:
        with suppress(ConnectionFailedError):
            for name in names:
                self._ask(name, f"delete {name}\r\n")
        for connection in self._sockets.values():
            connection.close()
        self._sockets.clear()

    def _ask(self, name: str, command: str) -> bytes | None:
        """Ask the node that holds a key; None without an answer."""
        node = rendezvous(name, sorted(self.cluster.nodes))
        try:
            connection = self._sockets.get(node) or self._connect(node)
            self._sockets[node] = connection
            connection.sendall(command.encode())
            answer = b""
            while not answer.endswith((b"END\r\n", b"STORED\r\n", b"DELETED\r\n", b"NOT_FOUND\r\n", b"ERROR\r\n")):
                part = connection.recv(4096)
                if not part:
                    raise ConnectionResetError
                answer += part
        except OSError:
            self._errors += 1
            if (broken := self._sockets.pop(node, None)) is not None:
                broken.close()
            return None
        return answer

    def _connect(self, node: str) -> socket.socket:
        endpoint = self.cluster.nodes[node]
        made = socket.create_connection((endpoint.address, endpoint.port), timeout=_TIMEOUT_SECONDS)
        return self.tls.wrap_socket(made, server_hostname=endpoint.address) if self.tls is not None else made


def moved(hashing: Hashing, names: Sequence[str], before: Sequence[str], after: Sequence[str]) -> float:
    """Return the share of keys that are looked for on another node when the list of nodes changes."""
    return sum(hashing(name, before) != hashing(name, after) for name in names) / len(names)


def modulo(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key by the remainder of its hash, as simple clients do."""
    return nodes[zlib.crc32(name.encode()) % len(nodes)]


def ketama(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key on a ring with 160 points for each node, as libmemcached and spymemcached do."""
    ring = _ring(tuple(nodes))
    return ring[bisect(ring, (_point(name), "")) % len(ring)][1]


@cache
def _ring(nodes: tuple[str, ...]) -> list[tuple[int, str]]:
    return sorted((_point(f"{node}-{number}"), node) for node in nodes for number in range(_POINTS))


def rendezvous(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key that weighs most together with it, as pymemcache and emcache do."""
    return max(nodes, key=lambda node: _point(f"{node}-{name}"))


Hashing = Callable[[str, Sequence[str]], str]
HASHINGS: Mapping[str, Hashing] = MappingProxyType({"modulo": modulo, "ketama": ketama, "rendezvous": rendezvous})


def _point(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:4], "little")


def document(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome for programs."""
    return {
        "node": outcome.node,
        "keys": outcome.keys,
        "lost_share": outcome.lost,
        "moved_shares": dict(outcome.moved),
        "hit_rate_before": outcome.hit_rate_before,
        "hit_rate_back_seconds": outcome.back_seconds,
        "errors": outcome.errors,
    }
