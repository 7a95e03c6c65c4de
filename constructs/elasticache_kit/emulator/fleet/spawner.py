"""Starts and ends engine processes, none of which outlives the emulator."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.fleet.companion import Companion, Message
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

LAUNCHER = Path(__file__).with_name("launcher.py")
# Of a killed process on a machine that hundreds of others keep busy.
EXIT_TIMEOUT = 30.0


class Child:
    """A process started by the spawner, or one that is about to be, whose process id is 0."""

    def __init__(self, pid: int = 0) -> None:
        self.pid = pid
        self.ended = threading.Event()
        self.unwanted = False

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as the kernel has told."""
        return not self.ended.is_set()


class Spawner:
    """Starts processes through the launcher, one helper process with one thread.

    Args:
        directory: where the launcher's error output goes.
        on_loss: called, in a thread of its own, with the process id of each process that ended unasked.
    """

    def __init__(self, directory: Path, on_loss: Callable[[int], None] | None = None) -> None:
        self._on_loss = on_loss
        self._lock = threading.Lock()
        self._children: dict[int, Child] = {}
        self._ended_early: set[int] = set()
        self._waiting = threading.local()
        # No site packages: the launcher uses the standard library only and starts in half the time.
        self._launcher = Companion(
            LAUNCHER,
            directory / "launcher.log",
            options=("-I", "-S"),
            on_event=self._on_exit,
            on_end=self._on_launcher_end,
        )

    @property
    def pid(self) -> int:
        """The launcher's process id."""
        return self._launcher.pid

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that run."""
        with self._lock:
            return tuple(pid for pid, child in self._children.items() if child.alive)

    def spawn(
        self, argv: Sequence[str], *, log: Path, directory: Path, ending: signal.Signals = signal.SIGKILL
    ) -> Child:
        """Start a program in a directory, with its output appended to a log.

        Args:
            argv: the program and its arguments.
            log: the log.
            directory: the directory.
            ending: the signal by which it ends with the emulator, however that ends; it must end the program.

        Raises:
            EngineStartError: it cannot be started.
        """
        order = {"argv": list(argv), "log": str(log), "cwd": str(directory), "ending": int(ending)}
        together: list[tuple[Child, dict[str, Any]]] | None = getattr(self._waiting, "orders", None)
        child = Child()
        if together is None:
            self._adopt(child, self._launcher.ask("spawn", **order)["pid"])
        else:
            together.append((child, order))
        return child

    @contextmanager
    def together(self) -> Generator[None]:
        """Start what this thread spawns inside all at once, at the end: those that run would slow the others' start.

        Raises:
            EngineStartError: one of them cannot be started. Others may have been.
        """
        orders: list[tuple[Child, dict[str, Any]]] = []
        self._waiting.orders = orders
        try:
            yield
        finally:
            del self._waiting.orders
        result = self._launcher.ask("spawn-all", orders=[order for _, order in orders])
        for (child, _), pid in zip(orders, result["pids"], strict=True):
            self._adopt(child, pid)

    def kill(self, child: Child) -> None:
        """Kill a process (SIGKILL) and return when it has ended; nothing happens when it already has.

        Raises:
            EngineStartError: it does not end.
        """
        if not child.alive:
            return
        self.condemn([child])
        if not child.ended.wait(EXIT_TIMEOUT):
            raise EngineStartError(f"Process {child.pid} did not end within {EXIT_TIMEOUT:g} seconds after SIGKILL.")

    def end(self, child: Child, number: signal.Signals, patience_seconds: float) -> None:
        """Ask a process to end, and kill it where it has not after a while; return when it has ended.

        Raises:
            EngineStartError: it does not end.
        """
        if child.alive:
            child.unwanted = True
            self._launcher.ask("signal", pid=child.pid, signal=int(number))
            child.ended.wait(patience_seconds)
        self.kill(child)

    def condemn(self, children: Iterable[Child]) -> None:
        """Kill processes (SIGKILL) at one stroke and do not wait; nothing happens to those that have ended."""
        living = [child for child in children if child.alive]
        for child in living:
            child.unwanted = True
        if living:
            self._launcher.ask("kill-all", pids=[child.pid for child in living])

    def hold(self, child: Child) -> None:
        """Stop a process where it is (SIGSTOP): connections stay, and nothing answers."""
        if child.alive:
            self._launcher.ask("signal", pid=child.pid, signal=int(signal.SIGSTOP))

    def release(self, child: Child) -> None:
        """Let a process go on (SIGCONT)."""
        if child.alive:
            self._launcher.ask("signal", pid=child.pid, signal=int(signal.SIGCONT))

    def close(self) -> None:
        """End all processes."""
        self._launcher.close()

    def _adopt(self, child: Child, pid: int) -> None:
        with self._lock:
            child.pid = pid
            self._children[pid] = child
            if pid in self._ended_early:
                self._forget(pid)

    def _on_exit(self, message: Message) -> None:
        with self._lock:
            pid = message["pid"]
            if pid in self._children:
                lost = not self._children[pid].unwanted
                self._forget(pid)
                if lost and self._on_loss is not None:
                    # Whoever hears of it asks the launcher for the next process, whose answer comes by this thread.
                    threading.Thread(target=self._on_loss, args=(pid,), name=f"loss of {pid}", daemon=True).start()
            else:  # ended before spawn() heard of its process id
                self._ended_early.add(pid)

    def _forget(self, pid: int) -> None:
        self._ended_early.discard(pid)
        self._children.pop(pid).ended.set()

    def _on_launcher_end(self) -> None:
        with self._lock:
            for pid in tuple(self._children):
                self._forget(pid)
