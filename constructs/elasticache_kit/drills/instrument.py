"""The instrument: load and observers, in a process of their own that nothing else slows down.

Run by `runner`. It is given an `Experiment`, tells how it goes, is told
when the fault is over, and hands over what it logged. Whatever happens to the drill it removes the drill's keys.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from elasticache_kit.drills import event_loop, pipe, residue
from elasticache_kit.drills.access import Renewed, unreachable
from elasticache_kit.drills.calibration import Calibration, calibrate
from elasticache_kit.drills.experiment import Experiment
from elasticache_kit.drills.history import History
from elasticache_kit.drills.observer import Observer
from elasticache_kit.drills.progress import NodeGroupProgress, Phase, Progress
from elasticache_kit.drills.route import routes
from elasticache_kit.drills.workload import Workload, load
from elasticache_kit.drills.world_route import WorldRoute
from elasticache_kit.errors import ElastiCacheKitError

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import NodeGroup

WATCH_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Ready:
    """The load is up and was so for as long as the baseline: the fault may strike."""


@dataclass(frozen=True, slots=True)
class FaultOver:
    """The fault is over, or is said to be."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The cache cannot be reached, or the instrument tripped over something."""

    message: str


@dataclass(frozen=True, slots=True)
class Readings:
    """What the instrument hands over at the end.

    Args:
        history: what it logged.
        calibration: what it read where the truth is known; None when it did not come to that.
        began: when it began, on the history's clock.
        ended: when the load ended; None when it was told to stop before.
        cleaned_up: whether the drill's keys were removed.
        cpu_share: how much of one core it took while the load was on.
    """

    history: History
    calibration: Calibration | None
    began: float
    ended: float | None
    cleaned_up: bool
    cpu_share: float


class Instrument:
    """The load of one drill.

    Args:
        experiment: what to load, and how.
        tell: sends a message to the drill.
    """

    def __init__(self, experiment: Experiment, tell: Any) -> None:
        self.struck = asyncio.Event()
        self._experiment = experiment
        self._settings = experiment.settings
        self._tell = tell
        self._history = History()
        self._phase = Phase.CALIBRATING
        self._began = self._history.clock()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._calibration: Calibration | None = None
        self._cpu_share = 0.0
        self._workloads = tuple(self._workload(group) for group in experiment.group.node_groups)
        self._observers = tuple(
            Observer(member.cache_cluster_id, group.node_group_id, member.endpoint, experiment.access, self._history)
            for place in (experiment.group, *([experiment.other.group] if experiment.other is not None else []))
            for group in place.node_groups
            for member in group.members
            if member.endpoint is not None
        )

    async def perform(self) -> None:
        """Measure from the calibration to the last write read back, and clean up whatever happens."""
        cleaned_up, ended = False, None
        try:
            await self._measure()
            ended = self._history.clock()
            self._enter(Phase.READING_BACK)
            await asyncio.gather(
                *(
                    residue.read_back(w.primary, w.keys, w.last_number, self._history, w.node_group)
                    for w in self._workloads
                )
            )
        except ElastiCacheKitError as error:
            self._tell(Failed(str(error)))
        finally:
            self._enter(Phase.CLEANING_UP)
            cleaned_up = await self._clean_up()
            self._tell(Readings(self._history, self._calibration, self._began, ended, cleaned_up, self._cpu_share))

    async def _measure(self) -> None:
        self._enter(Phase.CALIBRATING)
        self._calibration = await calibrate(self._settings)
        try:
            self._enter(Phase.CONNECTING)
            for workload in self._workloads:
                self._start(workload.writer.keep())
                self._start(workload.reader.keep())
            await self._connected()
            for observer in self._observers:
                self._start(observer.watch())
            self._start(self._report())
            wall, cpu = time.monotonic(), time.process_time()
            loading = [self._start(load(self._workloads, self._settings.rate, self._stopping))]
            loading += [self._start(workload.probe(self._stopping)) for workload in self._workloads]
            loaded_from = self._history.clock()
            self._enter(Phase.BASELINE)
            await asyncio.sleep(self._settings.baseline_seconds)
            await self._fault()
            self._enter(Phase.SETTLING)
            left = self._settings.duration_seconds - (self._history.clock() - loaded_from)
            await asyncio.sleep(max(left, self._settings.settle_seconds))
            self._stopping.set()
            await asyncio.gather(*loading)
            await asyncio.gather(*(workload.drain() for workload in self._workloads))
            self._cpu_share = (time.process_time() - cpu) / (time.monotonic() - wall)
        finally:
            for task in self._tasks:
                task.cancel()
            ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        # What ends by itself has crashed, and then the load was not what it is said to be.
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _fault(self) -> None:
        """Let the fault strike, and wait until as many replicas are in sync as before."""
        self._enter(Phase.FAULT)
        expected = {w.node_group: w.replicas_in_sync or 0 for w in self._workloads}
        self._tell(Ready())
        await self.struck.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.sync_timeout_seconds):
                await asyncio.gather(*(w.in_sync(expected[w.node_group]) for w in self._workloads))

    async def _connected(self) -> None:
        """Wait until every lane is up, or will never be."""
        lanes = [lane for workload in self._workloads for lane in (workload.writer, workload.reader)]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.connect_timeout_seconds):
                for lane in lanes:
                    await lane.decided.wait()
        if down := "; ".join(sorted({lane.detail for lane in lanes if not lane.up.is_set()})):
            raise unreachable(self._experiment.group.replication_group_id, down)

    async def _clean_up(self) -> bool:
        written = [workload for workload in self._workloads if workload.last_number]
        return all(await asyncio.gather(*(residue.remove(w.primary, w.keys, w.last_number) for w in written)))

    async def _report(self) -> None:
        while True:
            self._tell(self._progress())
            await asyncio.sleep(WATCH_INTERVAL_SECONDS)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._tell(self._progress())

    def _progress(self) -> Progress:
        groups = tuple(_progress(workload) for workload in self._workloads)
        return Progress(self._phase, self._history.clock() - self._began, groups, ())

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    def _workload(self, group: NodeGroup) -> Workload:
        experiment = self._experiment
        keys = experiment.keys(group)
        primary, replica = routes(experiment.group, group, keys, experiment.access)
        there = experiment.other.group if experiment.other is not None else None
        if there is not None and (fellow := there.node_group(group.node_group_id)) is not None:
            # Reads in the other Region, as its readers do: how stale they are is the lag between the two.
            away, replica = routes(there, fellow, keys, experiment.access)
            primary = WorldRoute((primary, away))
        return Workload(
            group.node_group_id,
            keys,
            primary=primary,
            replica=replica,
            time_to_live_seconds=self._settings.time_to_live_seconds,
            history=self._history,
        )


def _progress(workload: Workload) -> NodeGroupProgress:
    writer = workload.writer
    return NodeGroupProgress(
        workload.node_group,
        workload.writes.ok,
        workload.writes.failed,
        workload.reads.ok,
        workload.reads.failed,
        None if writer.up.is_set() else writer.why_down,
        workload.replicas_in_sync,
    )


async def _main(order: Experiment, commands: IO[bytes], tell: Any) -> None:
    instrument = Instrument(order, tell)
    loop = asyncio.get_running_loop()
    measuring = asyncio.create_task(instrument.perform())

    def listen() -> None:
        while isinstance(message := pipe.receive(commands), FaultOver | Renewed):
            if isinstance(message, Renewed):
                order.access.renew(message.password)
            else:
                loop.call_soon_threadsafe(instrument.struck.set)
        # The drill is gone, or wants no more: what was measured so far is told, and the keys are removed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(measuring.cancel)

    threading.Thread(target=listen, daemon=True).start()
    with suppress(asyncio.CancelledError):
        await measuring


def main() -> None:
    """Work on the experiment that comes on standard input."""
    # A collection of a long history stalls the instrument for longer than the outage that it is to measure.
    gc.disable()
    commands, messages = pipe.ends(quiet=False)

    def tell(message: object) -> None:
        # With nobody listening any more there is still the load to end and its keys to remove.
        with suppress(OSError):
            pipe.send(messages, message)

    order = pipe.receive(commands)
    if isinstance(order, Experiment):
        with asyncio.Runner(loop_factory=event_loop.new) as loop:
            loop.run(_main(order, commands, tell))
    # Past the interpreter's own farewell, which waits for the thread that waits for the drill.
    os._exit(0)
