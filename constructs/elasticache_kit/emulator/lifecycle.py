"""How long things take, and the threads in which they go on while the API has long answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

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
    """

    name: str
    create: float
    modify: float
    delete: float
    detect: float
    replace: float
    recover: float


INSTANT = Timing(name="instant", create=0, modify=0, delete=0, detect=0, replace=0, recover=0)
FAST = Timing(name="fast", create=0.5, modify=0.5, delete=0.5, detect=1.5, replace=0.5, recover=1.0)
# Detection and recovery: a published log of TestFailover on a live group (63 s to the promotion, 83 s more to the start
# of the recovery, 10 min 20 s to its end). Creation and deletion: the order of magnitude that operators report.
AWS = Timing(name="aws", create=300, modify=60, delete=120, detect=63, replace=83, recover=617)
TIMINGS = MappingProxyType({timing.name: timing for timing in (INSTANT, FAST, AWS)})


class StoppedError(Exception):
    """The emulator stops: a job that waits gives up."""


class Lifecycle:
    """Runs the slow part of each operation, in the background or, where asked, before the API answers.

    Args:
        timing: how long each stage takes.
        background: run jobs in threads of their own. Off, a job is done when the call that started it returns: tests
            that look at the control plane want that.
    """

    def __init__(self, timing: Timing = FAST, *, background: bool = True) -> None:
        self.timing = timing
        self._background = background
        self._stopped = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def start(self, name: str, job: Callable[[], None], *, patience_seconds: float = 0) -> None:
        """Run a job; what it raises is logged, for the API has answered already.

        Args:
            name: what the job is, for the log.
            job: what to do.
            patience_seconds: how long to wait for its end before returning all the same.
        """
        if not self._background:
            self._run(name, job)
            return
        thread = threading.Thread(target=self._run, args=(name, job), name=name, daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()
        if patience_seconds:
            thread.join(patience_seconds)

    def pause(self, seconds: float) -> None:
        """Let time pass inside a job.

        Raises:
            StoppedError: the emulator stops meanwhile.
        """
        if self._stopped.is_set() or (seconds > 0 and self._stopped.wait(seconds)):
            raise StoppedError

    def stop(self, patience_seconds: float = 10) -> None:
        """End all waiting and give running jobs a moment to leave."""
        self._stopped.set()
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(patience_seconds)

    def _run(self, name: str, job: Callable[[], None]) -> None:
        try:
            job()
        except StoppedError:
            logger.debug("%s: given up, the emulator stops", name)
        except Exception:
            logger.exception("%s failed", name)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
