"""The runner: load, then the fault under load, then the evidence, and everything put back whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from elasticache_kit.drills import instrument
from elasticache_kit.drills.access import Renewed
from elasticache_kit.drills.bench import Bench
from elasticache_kit.drills.checker.judgement import judge, judge_client
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.instrument import Failed, FaultOver, Readings, Ready
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.pipe import Child, ChildError
from elasticache_kit.drills.progress import Phase, Progress, Watch
from elasticache_kit.drills.result import Result
from elasticache_kit.drills.stop_condition import StopCondition
from elasticache_kit.drills.verdict import Finding, Verdict
from elasticache_kit.errors import ConnectionFailedError, ElastiCacheKitError
from elasticache_kit.ops.wait import Clock

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Experiment
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.ops.event import Event

_LAST_WORDS_SECONDS = 30.0
# It tells four times a second how it goes, but while it is calibrated, reads back and cleans up.
_SILENCE_SECONDS = 90.0


class _StoppedError(Exception):
    """Ends the fault's thread when the drill is over before it."""


def run(
    experiment: Experiment,
    fault: Fault,
    watch: Watch,
    *,
    stop: StopCondition | None = None,
    put_back: Callable[[], object] | None = None,
    cleaned: Callable[[], object] | None = None,
) -> Result:
    """Run a drill and return its result.

    The drill's keys are removed on success, on failure, on Ctrl-C and when the drill is killed; when its instrument is
    killed as well they expire by themselves.

    Args:
        experiment: what to run.
        fault: what to break.
        watch: told how it goes.
        stop: ends the fault when it is breached; nothing does when omitted.
        put_back: puts back what the fault changed, called at once when it was ended so; nothing is when omitted.
        cleaned: called when the drill's keys are known to be gone, however it ends; nobody is told when omitted.

    Raises:
        RefusedError: the drill cannot work, or AWS refuses the fault.
        ConnectionFailedError: the cache or the API cannot be reached.
        ChildError: the process of the instrument died.
    """
    experiment.require_endpoints()
    run = _Run(experiment, fault, watch, stop or StopCondition(), put_back)
    try:
        return run.perform()
    finally:
        if run.cleaned_up and cleaned is not None:
            cleaned()


class _Run:
    """The state of one run."""

    def __init__(
        self,
        experiment: Experiment,
        fault: Fault,
        watch: Watch,
        stop: StopCondition,
        put_back: Callable[[], object] | None,
    ) -> None:
        self._experiment = experiment
        self._fault = fault
        self._watch = watch
        self._stop = stop
        self._put_back = put_back
        self.cleaned_up = False
        self._stopped = False
        self._history = History()
        self._over = threading.Event()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._striking: threading.Thread | None = None
        self._child: Child | None = None
        self._began = 0.0
        self._password = experiment.access.current()
        self._bench = Bench(experiment)

    def perform(self) -> Result:
        started = datetime.now(UTC)
        self._child = Child(instrument.__name__, self._experiment)
        try:
            readings = self._measure(self._child)
            self._bench.end()
        finally:
            self._over.set()
            self._ended.set()
            if self._striking is not None:
                self._striking.join()
            self._child.end()
            self._bench.close()
        if self._failure is not None:
            raise self._failure
        return self._result(readings, started)

    def _measure(self, child: Child) -> Readings:
        """Return what the instrument hands over, whatever comes in between."""
        try:
            return self._listen(child)
        except BaseException:
            self._over.set()
            self.cleaned_up = self.cleaned_up or _dismiss(child)
            raise

    def _listen(self, child: Child) -> Readings:
        """Pass on what the instrument tells until its last words."""
        failed: ConnectionFailedError | None = None
        while True:
            try:
                message = child.hear(_SILENCE_SECONDS)
            except TimeoutError:
                raise ChildError(f"the instrument said nothing for {_SILENCE_SECONDS:g} s, and is ended") from None
            match message:
                case Progress() as progress:
                    # The instrument counts from when it began, after its process did.
                    self._began = self._began or self._history.clock() - progress.elapsed_seconds
                    self._watch(replace(progress, events=self._events()))
                    self._hand_on(child)
                    self._look(progress)
                case Ready():
                    self._striking = threading.Thread(target=self._strike, args=(child,), name="fault")
                    self._striking.start()
                case Failed(reason):
                    failed = ConnectionFailedError(reason)
                case Readings() as readings:
                    self.cleaned_up = readings.cleaned_up
                    self._failure = self._failure or failed
                    return readings
                case _:
                    raise ChildError(f"the instrument said something that nobody understands: {message!r}")

    def _strike(self, child: Child) -> None:
        """Inject the fault; runs in a thread, for calls of AWS take their time."""
        node_group, clock = self._experiment.node_group, Clock(self._history.clock, self._sleep)
        try:
            self._bench.start(self._sleep)
            self._fault.inject(node_group, self._history, clock)
        except _StoppedError:
            if not self._stopped:
                return
            if self._put_back is not None:
                self._put_back()
        except ElastiCacheKitError as error:
            if not any(entry.kind is Kind.OK for entry in self._history.about(Action.FAULT)):
                self._give_up(child, error)
                return
            # It did break; what was seen since is evidence, and the checkers say what is missing.
            self._history.log(Action.FAULT, Kind.INFO, node_group, error=str(error))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for the drill
            self._give_up(child, error)
            return
        self._hand_on(child)
        child.tell(FaultOver())
        # What a fault starts may be made to die with the thread that started it.
        self._ended.wait()

    def _look(self, progress: Progress) -> None:
        """End the fault where a stop condition is breached; the load goes on, for the way back is worth seeing."""
        if progress.phase is not Phase.FAULT or self._stopped:
            return
        reason = self._stop.breached(progress)
        if reason is not None:
            self._history.log(Action.STOPPED, Kind.INFO, self._experiment.node_group, error=reason)
            self._stopped = True
            self._over.set()

    def _hand_on(self, child: Child) -> None:
        """Tell the other processes of another password or token; told twice it does no harm."""
        password = self._password
        # Without credentials to sign with, the last token is good for some time still.
        with suppress(ConnectionFailedError):
            password = self._experiment.access.current()
        if password is not None and password != self._password:
            self._password = password
            child.tell(Renewed(password))
            self._bench.tell(Renewed(password))

    def _give_up(self, child: Child, error: BaseException) -> None:
        self._failure = error
        child.tell(None)

    def _sleep(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise _StoppedError

    def _events(self) -> tuple[tuple[float, Event], ...]:
        entries = tuple(self._history.entries)
        return tuple((entry.at - self._began, entry.event) for entry in entries if entry.event is not None)

    def _result(self, readings: Readings, started: datetime) -> Result:
        history = self._history
        history.absorb(readings.history)
        limits, struck = self._experiment.limits, self._fault.struck(self._experiment.node_group)
        failed_over = struck if self._fault.promotes else ()
        node_groups = [group.node_group_id for group in self._experiment.group.node_groups]
        return Result(
            experiment=self._experiment,
            fault=self._fault.show(),
            failed_over=failed_over[0] if failed_over else None,
            history=history,
            findings=(
                *_ends(history),
                *judge(history, node_groups, limits, failed_over, readings.calibration, struck=struck),
            ),
            started=started,
            began=readings.began,
            ended=readings.ended or history.clock(),
            cleaned_up=readings.cleaned_up,
            calibration=readings.calibration,
            cpu_share=readings.cpu_share,
            clients=tuple(
                replace(seen, findings=judge_client(seen, history, node_groups, limits, struck))
                for seen in self._bench.seen
            ),
        )


def _ends(history: History) -> Iterator[Finding]:
    """Tell of a fault that was ended by a stop condition, or that was not seen to its end."""
    for entry in history.about(Action.STOPPED):
        yield Finding(
            checker="stop condition",
            node_group="",
            verdict=Verdict.FAILED,
            sentence=f"ended: {entry.error}",
            timed=False,
        )
    for entry in history.about(Action.FAULT):
        if entry.kind is Kind.INFO:
            sentence = f"this report is partial, the fault was not seen to its end: {entry.error}"
            yield Finding(checker="fault", node_group="", verdict=Verdict.UNKNOWN, sentence=sentence, timed=False)


def _dismiss(child: Child) -> bool:
    """Let the instrument end its load and remove its keys, and return whether it has."""
    child.tell(None)
    try:
        while not isinstance(message := child.hear(_LAST_WORDS_SECONDS), Readings):
            pass
    except (ChildError, TimeoutError):
        return False
    return message.cleaned_up
