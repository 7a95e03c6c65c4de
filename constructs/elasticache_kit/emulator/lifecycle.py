"""How long things take, and the threads in which they go on while the API has long answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from elasticache_kit.emulator.gate import Gate

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A timing profile: seconds that each stage takes on top of what the engines really need.

    Args:
        name: the profile's name.
        create: until a new group is available.
        modify: until a change has been made.
        delete: until a deleted group is gone.
        detect: from the loss of a primary to the promotion of a replica.
        replace: from the promotion to the start of the lost node's replacement.
        recover: from there to the end of the recovery.
        wait: what a second takes that a state machine waits.
    """

    name: str
    create: float
    modify: float
    delete: float
    detect: float
    replace: float
    recover: float
    wait: float


INSTANT = Timing(name="instant", create=0, modify=0, delete=0, detect=0, replace=0, recover=0, wait=0.001)
FAST = Timing(name="fast", create=0.5, modify=0.5, delete=0.5, detect=1.5, replace=0.5, recover=1.0, wait=0.001)
# Detection and recovery: a published log of TestFailover on a live group (63 s to the promotion, 83 s more to the start
# of the recovery, 10 min 20 s to its end). Creation and deletion: the order of magnitude that operators report.
AWS = Timing(name="aws", create=300, modify=60, delete=120, detect=63, replace=83, recover=617, wait=1)
TIMINGS = MappingProxyType({timing.name: timing for timing in (INSTANT, FAST, AWS)})


@dataclass(slots=True)
class Job:
    """The slow part of an operation while it goes on.

    Args:
        name: what it is, for the log.
        run: what to do.
        settle: what to do instead where the emulator was killed meanwhile; the same from its beginning when None.
        making: what it makes and nobody else knows of yet.
    """

    name: str
    run: Callable[[], None]
    settle: Callable[[Job], None] | None = None
    making: list[Any] = field(default_factory=list[Any])


class StoppedError(BaseException):
    """The emulator stops: a job that waits gives up.

    No `Exception`: whoever handles what goes wrong in a job must not take it for that.
    """


class Lifecycle:
    """Runs the slow part of each operation, in the background or, where asked, before the API answers.

    Args:
        timing: how long each stage takes.
        background: run jobs in threads of their own. Off, a job is done when the call that started it returns: tests
            that look at the control plane want that.
        gate: what jobs go through while they change state; one of its own when omitted.
    """

    def __init__(self, timing: Timing = FAST, *, background: bool = True, gate: Gate | None = None) -> None:
        self.timing = timing
        self.gate = gate or Gate()
        self._jobs: dict[threading.Thread, Job] = {}
        self._background = background
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What goes on in the background now."""
        with self._lock:
            return tuple(self._jobs.values())

    def start(
        self,
        name: str,
        job: Callable[[], None],
        *,
        patience_seconds: float = 0,
        settle: Callable[[Job], None] | None = None,
    ) -> None:
        """Run a job; what it raises is logged, for the API has answered already.

        Args:
            name: what the job is, for the log.
            job: what to do.
            patience_seconds: how long to wait for its end before returning all the same.
            settle: what to do after the emulator was killed in the middle of it. When omitted it begins again.
        """
        if not self._background:
            self._run(Job(name, job))
            return
        thread = self._spawn(Job(name, job, settle), self._run)
        if patience_seconds:
            with self.gate.away():
                thread.join(patience_seconds)

    def resume(self, jobs: Iterable[Job]) -> None:
        """Take up jobs that ended with an emulator before this one."""
        for job in jobs:
            self._spawn(job, self._run if job.settle is None else self._settle)

    @contextmanager
    def making(self, thing: Any) -> Generator[None]:
        """Note what the present job makes, for as long as nobody else knows of it."""
        job = self._jobs.get(threading.current_thread())
        if job is not None:
            job.making.append(thing)
        try:
            yield
        finally:
            if job is not None:
                job.making.remove(thing)

    @contextmanager
    def away(self) -> Generator[None]:
        """Wait for something else inside: an engine, an answer; see `gate.Gate.away`."""
        with self.gate.away():
            yield

    def pause(self, seconds: float) -> None:
        """Let time pass inside a job.

        Raises:
            StoppedError: the emulator stops meanwhile.
        """
        with self.gate.away():
            stopped = self._stopped.is_set() or (seconds > 0 and self._stopped.wait(seconds))
        if stopped:
            raise StoppedError

    def stop(self, patience_seconds: float = 10) -> None:
        """End all waiting and give running jobs a moment to leave."""
        self._stopped.set()
        with self._lock:
            threads = list(self._jobs)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(patience_seconds)

    def _spawn(self, job: Job, target: Callable[[Job], None]) -> threading.Thread:
        thread = threading.Thread(target=target, args=(job,), name=job.name, daemon=True)
        with self._lock:
            self._jobs[thread] = job
        thread.start()
        return thread

    def _run(self, job: Job) -> None:
        self._do(job, job.run)

    def _settle(self, job: Job) -> None:
        self._do(job, lambda: job.settle(job) if job.settle else None)

    def _do(self, job: Job, work: Callable[[], None]) -> None:
        with self.gate.step(changes=True):
            try:
                work()
            except StoppedError:
                logger.debug("%s: given up, the emulator stops", job.name)
            except Exception:
                logger.exception("%s failed", job.name)
            finally:
                with self._lock:
                    self._jobs.pop(threading.current_thread(), None)
