"""The drill of a Memcached node: how many keys it takes along, how many move by which hashing, and when hits are back.

Memcached keeps no copies: a node that reboots comes back empty, and the application fills it again from its database.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.Rebooting.html
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.drills.memcached.application import Application
from elasticache_kit.drills.memcached.cluster import observe, refusals
from elasticache_kit.drills.memcached.hashing import HASHINGS, moved, rendezvous
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import execution
from elasticache_kit.ops.plan import Call, Plan
from elasticache_kit.ops.wait import REAL_CLOCK, Clock

if TYPE_CHECKING:
    from elasticache_kit.drills.memcached.cluster import Cluster
    from elasticache_kit.ops.session import Session

_BACK = 0.95
_WINDOW = 100
# The API is throttled for each account.
_ASK_SECONDS = 0.5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Reads like an application does while a node reboots.

    Args:
        session: where.
        cluster: what.
        run_id: names the keys.
        keys: how many keys; 1000 when omitted.
        rate: reads a second; 500 when omitted.
        baseline_seconds: reads before the reboot; 2 when omitted.
        timeout_seconds: how long to wait for hits to be back; 300 when omitted.
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

    def run(self) -> Outcome:
        """Do it; the keys are removed at the end, and expire in any case.

        Raises:
            RefusedError: it cannot work, or AWS refuses the reboot.
            ConnectionFailedError: the API cannot be reached.
        """
        if reasons := refusals(self.cluster):
            raise RefusedError(f"a drill on {self.cluster.cache_cluster_id}", reasons)
        names = [f"{PREFIX}{self.run_id}:{number}" for number in range(self.keys)]
        nodes = sorted(self.cluster.nodes)
        application = Application(self.cluster, names, self.tls)
        try:
            application.fill()
            before = self._read(application)
            held = [name for name in names if rendezvous(name, nodes) == nodes[0]]
            called = self.clock.now()
            self._reboot(nodes[0])
            back = self._back(application, before, called)
            errors = application.errors
        finally:
            application.close()
        return Outcome(
            node=nodes[0],
            keys=len(names),
            lost=len(held) / len(names),
            moved={label: moved(way, names, nodes, nodes[1:]) for label, way in HASHINGS.items()},
            hit_rate_before=before,
            back_seconds=back,
            errors=errors,
        )

    def _reboot(self, node: str) -> None:
        given = (("CacheClusterId", self.cluster.cache_cluster_id), ("CacheNodeIdsToReboot", [node]))
        planned = Plan(f"a drill on {self.cluster.cache_cluster_id}", (Call("RebootCacheCluster", given),))
        execution.run(planned, self.session, lambda _: None, self.clock)

    def _read(self, application: Application) -> float:
        """Read for a while as an application does, and return the share of hits."""
        end, hits, reads = self.clock.now() + self.baseline_seconds, 0, 0
        while self.clock.now() < end:
            hits += application.look_up()
            reads += 1
            self.clock.sleep(1 / self.rate)
        return hits / max(1, reads)

    def _back(self, application: Application, before: float, called: float) -> float | None:
        """Read until the cluster has rebooted and hits are what they were; return when that began to be so."""
        recent: list[bool] = []
        since: float | None = None
        rebooted = False
        asked = called
        while self.clock.now() - called < self.timeout_seconds:
            recent = [*recent, application.look_up()][-_WINDOW:]
            now = self.clock.now()
            good = len(recent) == _WINDOW and sum(recent) / _WINDOW >= _BACK * before
            since = (since if since is not None else now) if good else None
            if not rebooted and now - asked > _ASK_SECONDS:
                asked = now
                rebooted = observe(self.session, self.cluster.cache_cluster_id).status == "available"
                since, recent = None, []
            if rebooted and since is not None:
                return since - called
            self.clock.sleep(1 / self.rate)
        return None


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
