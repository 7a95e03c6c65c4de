"""Running drills against real engines."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from elasticache_kit.drills import instrument, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.fault import Fault, NoFault
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.pipe import ChildError
from elasticache_kit.drills.progress import Phase, Progress
from elasticache_kit.drills.stop_condition import StopCondition
from elasticache_kit.drills.verdict import Finding, Verdict
from elasticache_kit.errors import ConnectionFailedError, RefusedError
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.shard import Doing, Kill, Shard

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result
    from elasticache_kit.ops.wait import Clock

pytestmark = [pytest.mark.engine, pytest.mark.calm]

SHORT = Settings(rate=100, duration_seconds=1, baseline_seconds=0.4, settle_seconds=0.5, stalls_seconds=())
# The machine that tests run on may be busy; how late the drill itself is, is not what is tested here.
PATIENT = Limits(max_stall_seconds=60)


def experiment(shard: Shard, **changes: object) -> Experiment:
    """Return a short drill on a shard."""
    usual = Experiment(
        drill="failover",
        group=shard.replication_group,
        node_group="0001",
        access=Access(),
        settings=SHORT,
        limits=PATIENT,
    )
    return replace(usual, **changes)


def drill(shard: Shard, fault: Fault, **changes: object) -> Result:
    """Run a short drill, unwatched."""
    return runner.run(experiment(shard, **changes), fault, lambda _progress: None)


def found(result: Result, checker: str, node_group: str = "0001") -> Finding:
    """Return the finding of one checker."""
    return next(f for f in result.findings if (f.checker, f.node_group) == (checker, node_group))


def keys_left(shard: Shard, address: str) -> object:
    """Return the keys of drills that a server still holds."""
    return shard.engines.command(address, "KEYS", f"{PREFIX}*")


def test_a_killed_primary_is_an_outage_a_promotion_and_a_recovery(shard: Shard) -> None:
    """The whole drill on real processes: what clients saw agrees with what was done to them."""
    result = drill(shard, Kill(shard))

    assert result.verdict is Verdict.PASSED, [(f.checker, f.sentence) for f in result.findings]
    outage = found(result, "write outage").figures
    # The fault itself leaves the group without a primary for 0.2 s.
    assert 0.2 < float(outage["longest_gap_seconds"] or 0) < 5
    assert 0.2 < float(found(result, "promotion").figures["promotion_seconds"] or 0) < 5
    assert found(result, "full redundancy").figures["replicas_after"] == 1
    assert found(result, "lost acknowledged writes").figures["lost"] == 0
    assert result.failed_over == "0001"


def test_without_a_fault_nothing_fails(shard: Shard) -> None:
    """The null drill: an instrument that sees outages where there are none is of no use."""
    result = drill(shard, NoFault())

    writes, reads = found(result, "write outage").figures, found(result, "read outage").figures
    assert (writes["failed"], writes["indeterminate"], reads["failed"]) == (0, 0, 0)
    assert (writes["outages"], reads["outages"]) == (0, 0)
    assert result.verdict is Verdict.PASSED
    assert "promotion" not in {finding.checker for finding in result.findings}


def test_lost_writes_are_found(shard: Shard) -> None:
    """Negative control on real engines: writes that only the dead primary had are counted as lost."""
    result = drill(shard, Kill(shard, after_cut=True))

    lost = found(result, "lost acknowledged writes")
    assert lost.verdict is Verdict.FAILED
    assert int(lost.figures["lost"] or 0) > 5
    assert result.verdict is Verdict.FAILED


def test_a_replica_that_stays_away_fails(shard: Shard) -> None:
    """Negative control on real engines: promotion alone is not recovery."""
    result = drill(shard, Kill(shard, recovers=False), settings=replace(SHORT, sync_timeout_seconds=0.5))

    assert found(result, "promotion").verdict is Verdict.PASSED
    assert found(result, "full redundancy").verdict is Verdict.FAILED


def test_no_key_is_left_behind(shard: Shard) -> None:
    """Every key that was written is removed, on both nodes."""
    result = drill(shard, NoFault())

    assert result.cleaned_up
    assert found(result, "write outage").figures["ok"] != 0
    assert keys_left(shard, shard.first) == []


def test_keys_are_removed_when_the_fault_is_refused(shard: Shard) -> None:
    """A drill that ends early leaves as little behind as one that ends well."""

    def refuse() -> None:
        assert keys_left(shard, shard.first) != []
        raise RefusedError("failover of orders", ["no"])

    with pytest.raises(RefusedError):
        drill(shard, Doing(refuse))

    assert keys_left(shard, shard.first) == []


def test_keys_are_removed_on_ctrl_c(shard: Shard) -> None:
    """An interrupted drill cleans up before it ends."""

    def interrupt(progress: Progress) -> None:
        if progress.phase is Phase.SETTLING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(experiment(shard), NoFault(), interrupt)

    assert keys_left(shard, shard.first) == []


def test_keys_expire_if_nobody_removes_them(shard: Shard) -> None:
    """What a kill -9 of the drill leaves behind goes by itself."""
    lives: list[object] = []

    def look() -> None:
        keys = cast("list[bytes]", keys_left(shard, shard.first))
        lives.extend(shard.engines.command(shard.first, "TTL", key.decode()) for key in keys)

    drill(shard, Doing(look))

    assert lives
    assert all(isinstance(life, int) and life > 0 for life in lives)


def test_an_endpoint_where_nobody_listens_is_said(shard: Shard) -> None:
    """The sentence says what was tried and where to look; that no key is there is known."""
    told: list[str] = []
    hasty = replace(SHORT, connect_timeout_seconds=0.3)
    group = shard.replication_group
    nowhere = replace(group.node_groups[0], primary_endpoint=Endpoint("127.0.0.1", 9))

    with pytest.raises(ConnectionFailedError, match=r"^orders cannot be reached from here: refused \(127\.0\.0\.1:9"):
        runner.run(
            experiment(shard, settings=hasty, group=replace(group, node_groups=(nowhere,))),
            NoFault(),
            lambda _progress: None,
            cleaned=lambda: told.append("no keys"),
        )
    assert told == ["no keys"]


def test_the_watch_sees_every_phase_in_order(shard: Shard) -> None:
    """And the counts of each node group."""
    seen: list[Progress] = []

    runner.run(experiment(shard), NoFault(), seen.append)

    assert list(dict.fromkeys(progress.phase for progress in seen)) == list(Phase)
    assert seen[-1].node_groups[0].writes > 0


def test_a_run_begins_with_a_null_drill_and_known_stalls(shard: Shard) -> None:
    """And says how far its readings were off: its own error bar."""
    result = drill(shard, NoFault(), settings=replace(SHORT, stalls_seconds=(0.1, 0.3)))

    assert result.calibration is not None
    assert [
        round(stall.truth_seconds, 1) >= asked
        for stall, asked in zip(result.calibration.stalls, (0.1, 0.3), strict=True)
    ]
    bar = found(result, "instrument", "")
    assert bar.sentence.startswith("error bar \N{PLUS-MINUS SIGN}")
    assert bar.figures["known_stalls"] == 2
    assert result.cpu_share is not None
    assert 0 < result.cpu_share < 1


def test_a_run_whose_instrument_is_far_off_is_invalid(shard: Shard) -> None:
    """Negative control: with no error allowed every finding that depends on time is unknown."""
    result = drill(shard, NoFault(), limits=replace(PATIENT, max_stall_seconds=0))

    assert result.verdict is Verdict.UNKNOWN
    assert result.invalid is not None
    assert found(result, "lost acknowledged writes").verdict is Verdict.PASSED


def test_every_node_is_observed(shard: Shard) -> None:
    """What the nodes said of themselves stands beside what clients saw."""
    result = drill(shard, Kill(shard))

    told = [(e.member, e.role) for e in result.history.about(Action.OBSERVE)]
    assert {("orders-001", "primary"), ("orders-001", None), ("orders-002", "replica"), ("orders-002", "primary")} <= {
        *told
    }
    promotion = found(result, "promotion").figures
    assert 0.2 < float(promotion["wire_promotion_seconds"] or 0) < 5


def test_clients_under_test_are_held_against_the_reference(shard: Shard) -> None:
    """One that recovers, one that stays at half its load (negative control), and one that never connects."""
    names = ("valkey-py", "tests.drills.factory:half", "tests.drills.factory:dead")
    result = drill(shard, Kill(shard), clients=names, settings=replace(SHORT, settle_seconds=1.5))

    seen = {one.name: one for one in result.clients}
    goodput = {
        name: next((f.verdict for f in one.findings if f.checker == "goodput"), None) for name, one in seen.items()
    }
    assert goodput[names[0]] is Verdict.PASSED, [(f.checker, f.sentence) for f in seen[names[0]].findings]
    assert goodput[names[1]] is Verdict.FAILED, [(f.checker, f.sentence) for f in seen[names[1]].findings]
    assert seen[names[2]].failure == "ConnectionRefusedError: nobody there"
    assert result.verdict is Verdict.PASSED
    assert keys_left(shard, shard.second) == []


def test_a_breached_stop_condition_ends_the_fault_and_puts_back_at_once(shard: Shard) -> None:
    """The load goes on until the group has recovered, and the report says why the drill failed."""

    class Endless(Kill):
        def inject(self, node_group: str, history: History, clock: Clock) -> None:
            history.log(Action.FAULT, Kind.INVOKE, node_group)
            self.shard.engines.kill(self.shard.first)
            history.log(Action.FAULT, Kind.OK, node_group)
            clock.sleep(600)

    def put_back() -> None:
        shard.promote(shard.second)
        shard.replicate(shard.first, of=shard.second)

    result = runner.run(experiment(shard), Endless(shard), lambda _: None, stop=StopCondition(0.4), put_back=put_back)

    ended = found(result, "stop condition", "")
    assert ended.verdict is Verdict.FAILED
    assert ended.sentence.startswith("ended: no write of node group 0001 was acknowledged for ")
    assert found(result, "client recovery").verdict is Verdict.PASSED
    assert found(result, "full redundancy").verdict is Verdict.PASSED


def test_an_instrument_that_dies_ends_the_drill(shard: Shard) -> None:
    """It is said, and nothing waits for ever."""

    def murder() -> None:
        for process in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if (
                    int(process.read_text().rpartition(")")[2].split()[1]) == os.getpid()
                    and instrument.__name__ in (process.parent / "cmdline").read_text()
                ):
                    os.kill(int(process.parent.name), signal.SIGKILL)

    with pytest.raises(ChildError, match="ended with -9"):
        drill(shard, Doing(murder))


def test_a_fault_that_breaks_and_then_fails_is_still_reported(shard: Shard) -> None:
    """What was seen since is evidence; only the end of recovery is missing."""

    class Half(Kill):
        def inject(self, node_group: str, history: History, clock: Clock) -> None:
            super().inject(node_group, history, clock)
            raise ConnectionFailedError("the API went away")

    result = drill(shard, Half(shard))

    assert found(result, "promotion").verdict is Verdict.PASSED
    assert found(result, "full redundancy").sentence.endswith("but the API went away")
    assert [entry.error for entry in result.history.about(Action.FAULT) if entry.kind is Kind.INFO]
