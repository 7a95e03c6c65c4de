"""The runner: load, then the fault under load, then the evidence, and everything put back whatever happens."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills import residue
from elasticache_kit.drills.checker import judge
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.progress import NodeGroupProgress, Phase, Progress, Watch
from elasticache_kit.drills.result import Result
from elasticache_kit.drills.route import EndpointRoute, Route, SlotRoute
from elasticache_kit.drills.workload import Workload
from elasticache_kit.errors import ConnectionFailedError, ElastiCacheKitError
from elasticache_kit.ops.wait import Clock

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Experiment
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.ops.event import Event
    from elasticache_kit.ops.inventory import NodeGroup

_WATCH_INTERVAL_SECONDS = 0.25


class _StoppedError(Exception):
    """Ends the fault's thread when the drill is over before it."""


def run(experiment: Experiment, fault: Fault, watch: Watch) -> Result:
    """Run a drill and return its result.

    The drill's keys are removed on success, on failure and on Ctrl-C; after a kill they expire by themselves.

    Args:
        experiment: what to run.
        fault: what to break.
        watch: told how it goes.

    Raises:
        RefusedError: the drill cannot work, or AWS refuses the fault.
        ConnectionFailedError: the cache or the API cannot be reached.
    """
    experiment.require_endpoints()
    with _no_garbage_collection():
        return asyncio.run(_Run(experiment, fault, watch).perform())


@contextmanager
def _no_garbage_collection() -> Generator[None]:
    # A collection of a long history stalls the instrument for longer than the outage it is to measure.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Run:
    """The state of one run."""

    def __init__(self, experiment: Experiment, fault: Fault, watch: Watch) -> None:
        self._experiment = experiment
        self._settings = experiment.settings
        self._fault = fault
        self._watch = watch
        self._history = History()
        self._phase = Phase.CONNECTING
        self._began = self._history.clock()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._events: list[tuple[float, Event]] = []
        self._told = 0
        self._over = threading.Event()
        self._workloads = tuple(self._workload(group) for group in experiment.group.node_groups)

    async def perform(self) -> Result:
        started = datetime.now(UTC)
        cleaned_up = False
        try:
            await self._load()
            ended = self._history.clock()
            self._enter(Phase.READING_BACK)
            await asyncio.gather(
                *(
                    residue.read_back(w.primary, w.keys, w.last_number, self._history, w.node_group)
                    for w in self._workloads
                )
            )
        finally:
            self._over.set()
            self._enter(Phase.CLEANING_UP)
            cleaned_up = await self._clean_up()
        failed_over = self._experiment.node_group if self._fault.promotes else None
        node_groups = [workload.node_group for workload in self._workloads]
        return Result(
            experiment=self._experiment,
            fault=self._fault.show(),
            failed_over=failed_over,
            history=self._history,
            findings=judge(self._history, node_groups, self._experiment.limits, failed_over),
            started=started,
            began=self._began,
            ended=ended,
            cleaned_up=cleaned_up,
        )

    async def _load(self) -> None:
        """Keep the load up from before the fault until the group is whole again."""
        try:
            self._enter(Phase.CONNECTING)
            for workload in self._workloads:
                self._start(workload.writer.keep())
                self._start(workload.reader.keep())
            await self._connected()
            self._start(self._tell())
            load = [self._start(work(self._stopping)) for w in self._workloads for work in (w.write, w.read, w.probe)]
            loaded_from = self._history.clock()
            self._enter(Phase.BASELINE)
            await asyncio.sleep(self._settings.baseline_seconds)
            await self._strike()
            self._enter(Phase.SETTLING)
            left = self._settings.duration_seconds - (self._history.clock() - loaded_from)
            await asyncio.sleep(max(left, self._settings.settle_seconds))
            self._stopping.set()
            await asyncio.gather(*load)
            await asyncio.gather(*(workload.drain() for workload in self._workloads))
        finally:
            for task in self._tasks:
                task.cancel()
            ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        # What ends by itself has crashed, and then the load was not what it is said to be.
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _strike(self) -> None:
        """Inject the fault, and wait until as many replicas are in sync as before."""
        self._enter(Phase.FAULT)
        target = next(w for w in self._workloads if w.node_group == self._experiment.node_group)
        expected = target.replicas_in_sync
        clock = Clock(self._history.clock, self._sleep)
        try:
            await asyncio.to_thread(self._fault.inject, target.node_group, self._history, clock)
        except ElastiCacheKitError as error:
            if not any(entry.kind is Kind.OK for entry in self._history.about(Action.FAULT)):
                raise
            # It did break; what was seen since is evidence, and the checkers say what is missing.
            self._history.log(Action.FAULT, Kind.INFO, target.node_group, error=str(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.sync_timeout_seconds):
                await target.in_sync(expected or 0)

    async def _connected(self) -> None:
        """Wait until every lane is up."""
        lanes = [lane for workload in self._workloads for lane in (workload.writer, workload.reader)]
        try:
            async with asyncio.timeout(self._settings.connect_timeout_seconds):
                for lane in lanes:
                    await lane.up.wait()
        except TimeoutError:
            down = "; ".join(sorted({lane.detail for lane in lanes if not lane.up.is_set()}))
            raise ConnectionFailedError(
                f"{self._experiment.group.replication_group_id} cannot be reached from here: {down}. Check the "
                "security group, that this machine is inside the VPC, ELASTICACHE_KIT_CA_FILE for TLS, and the password"
            ) from None

    async def _clean_up(self) -> bool:
        written = [workload for workload in self._workloads if workload.last_number]
        return all(await asyncio.gather(*(residue.remove(w.primary, w.keys, w.last_number) for w in written)))

    async def _tell(self) -> None:
        while True:
            self._watch(self._progress())
            await asyncio.sleep(_WATCH_INTERVAL_SECONDS)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._watch(self._progress())

    def _progress(self) -> Progress:
        # Only what is new: the whole history soon takes longer to read than an operation may be late.
        entries = self._history.entries
        fresh, self._told = entries[self._told :], len(entries)
        self._events += ((entry.at - self._began, entry.event) for entry in fresh if entry.event is not None)
        return Progress(
            self._phase,
            self._history.clock() - self._began,
            tuple(_progress(workload) for workload in self._workloads),
            tuple(self._events),
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    def _sleep(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise _StoppedError

    def _workload(self, group: NodeGroup) -> Workload:
        experiment = self._experiment
        keys = key_space(experiment.run_id, group.node_group_id, group.slots if self._sharded else None)
        primary, replica = self._routes(group, keys.slot if self._sharded else 0)
        return Workload(
            group.node_group_id,
            keys,
            primary=primary,
            replica=replica,
            rate=self._settings.rate,
            time_to_live_seconds=self._settings.time_to_live_seconds,
            history=self._history,
        )

    @property
    def _sharded(self) -> bool:
        return self._experiment.group.cluster_enabled

    def _routes(self, group: NodeGroup, slot: int) -> tuple[Route, Route]:
        access, configuration = self._experiment.access, self._experiment.group.configuration_endpoint
        if configuration is not None and self._sharded:
            return SlotRoute(configuration, slot, access), SlotRoute(configuration, slot, access, replica=True)
        if group.primary_endpoint is None:
            raise ConnectionFailedError(f"node group {group.node_group_id} has no primary endpoint")
        reader = group.reader_endpoint or group.primary_endpoint
        return EndpointRoute(group.primary_endpoint, access), EndpointRoute(reader, access)


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
