"""The calibration: what the instrument reads where the truth is known, before it is believed anywhere else.

Two servers on loopback answer at once. First nothing is wrong with them (the null drill), then one is stopped for known
times (SIGSTOP, SIGCONT) under the same load as the drill's. How far the readings are off is the drill's error bar.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.outage import gaps
from elasticache_kit.drills.route import EndpointRoute
from elasticache_kit.drills.workload import Workload, load
from elasticache_kit.ops.inventory import Endpoint

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Settings

STRUCK, HEALTHY = "struck", "healthy"
_NULL_SECONDS = 0.3
_AFTER_SECONDS = 0.15
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stall:
    """One stop of known length, and what the instrument made of it.

    Args:
        truth_seconds: from SIGSTOP to SIGCONT.
        measured_seconds: the longest time without an acknowledged write around it.
        healthy_gap_seconds: the same of the server that was left alone.
        lag_seconds: how late the instrument itself was meanwhile.
    """

    truth_seconds: float
    measured_seconds: float
    healthy_gap_seconds: float
    lag_seconds: float

    @property
    def error_seconds(self) -> float:
        """How much too long the reading was."""
        return self.measured_seconds - self.truth_seconds


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the instrument read on servers of which the truth is known.

    Args:
        null_gap_seconds: the longest time without an acknowledged write while nothing was wrong.
        stalls: the known stalls.
    """

    null_gap_seconds: float
    stalls: tuple[Stall, ...]

    @property
    def error_seconds(self) -> float:
        """The error bar: the reading that was farthest off."""
        return max((abs(stall.error_seconds) for stall in self.stalls), default=self.null_gap_seconds)

    @property
    def lag_seconds(self) -> float:
        """How late the instrument was at most."""
        return max((stall.lag_seconds for stall in self.stalls), default=0.0)

    def __str__(self) -> str:
        """Return it as a line for people."""
        readings = ", ".join(f"{spoken(s.truth_seconds)} read as {spoken(s.measured_seconds)}" for s in self.stalls)
        return (
            f"error bar ±{spoken(self.error_seconds)}: known stalls of {readings or 'none'}; "
            f"longest gap with nothing wrong {spoken(self.null_gap_seconds)}"
        )


async def calibrate(settings: Settings) -> Calibration:
    """Hold the instrument against two servers of its own, with the drill's rate.

    Args:
        settings: the rate, and for how long to stop a server.
    """
    history, stopping = History(), asyncio.Event()
    async with _responder() as (struck, pid), _responder() as (healthy, _):
        workloads = [
            _workload(name, endpoint, settings, history) for name, endpoint in ((STRUCK, struck), (HEALTHY, healthy))
        ]
        lanes = [asyncio.create_task(lane.keep()) for w in workloads for lane in (w.writer, w.reader)]
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await asyncio.gather(*(lane.up.wait() for w in workloads for lane in (w.writer, w.reader)))
            loading = asyncio.create_task(load(workloads, settings.rate, stopping))
            began = history.clock()
            await asyncio.sleep(_NULL_SECONDS)
            quiet = history.clock()
            stops = [await _stop(pid, seconds) for seconds in settings.stalls_seconds]
            stopping.set()
            await loading
            await asyncio.gather(*(workload.drain() for workload in workloads))
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
    null = max(_null_gap(history, name, began, quiet) for name in (STRUCK, HEALTHY))
    return Calibration(null, tuple(_stall(history, *stop) for stop in stops))


async def _stop(pid: int, seconds: float) -> tuple[float, float]:
    stopped = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    continued = time.monotonic()
    # Long enough for a client that gave up to be back before the next one.
    await asyncio.sleep(_AFTER_SECONDS)
    return stopped, continued


def _stall(history: History, stopped: float, continued: float) -> Stall:
    operations = [o for name in (STRUCK, HEALTHY) for o in history.operations(Action.WRITE, name)]
    late = (o.invoked - o.intended for o in operations if stopped <= o.intended <= continued + _AFTER_SECONDS)
    return Stall(
        continued - stopped,
        _gap(history, STRUCK, stopped, continued),
        _gap(history, HEALTHY, stopped, continued),
        max(late, default=0.0),
    )


def _null_gap(history: History, name: str, start: float, end: float) -> float:
    found = gaps(history.operations(Action.WRITE, name))
    return max((gap.seconds for gap in found if gap.start >= start and gap.end <= end), default=0.0)


def _gap(history: History, name: str, start: float, end: float) -> float:
    found = gaps(history.operations(Action.WRITE, name))
    return max((gap.seconds for gap in found if gap.start < end and gap.end > start), default=0.0)


def _workload(name: str, endpoint: Endpoint, settings: Settings, history: History) -> Workload:
    route = EndpointRoute(endpoint, Access())
    return Workload(
        name,
        key_space("calibration", name, None),
        primary=route,
        replica=route,
        time_to_live_seconds=settings.time_to_live_seconds,
        history=history,
    )


@asynccontextmanager
async def _responder() -> AsyncGenerator[tuple[Endpoint, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "elasticache_kit.drills.responder",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        port = int(await process.stdout.readline())
        yield Endpoint("127.0.0.1", port), process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
