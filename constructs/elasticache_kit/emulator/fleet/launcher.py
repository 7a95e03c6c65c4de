"""The process that starts the engines and ends with the emulator; run as a program of its own.

Requests come as JSON lines on stdin, answers and exits go as JSON lines to stdout. It has one thread, so engines may
ask the kernel to die with it (prctl PR_SET_PDEATHSIG is bound to the thread that forked), and it is small, so forking
is quick. When stdin ends the emulator is gone: all engines are killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with(parent: int, number: int = signal.SIGKILL) -> Callable[[], None] | None:
    """Make the function that binds a new process's life to its parent's; None where the kernel cannot."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent ended before the binding held
            os._exit(1)

    return bind


class Launcher:
    """The engines that run, by process id."""

    def __init__(self) -> None:
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        # By which signal each ends with the emulator: one that has more to tidy up than its memory is asked to.
        self._endings: dict[int, int] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for."""
        try:
            match request["op"]:
                case "spawn":
                    result = self._spawn(request)
                case "spawn-all":
                    result = self._spawn_all(request["orders"])
                case "kill-all":
                    result = self._kill_all(request["pids"])
                case _:
                    result = self._signal(request)
        except OSError as error:
            return {"id": request["id"], "error": f"{error.strerror or error}: {error.filename or request['op']}"}
        return {"id": request["id"], "result": result}

    def reap(self) -> list[dict[str, Any]]:
        """Give the engines that have ended since the last call."""
        ended: list[dict[str, Any]] = []
        # Not each child is asked: where hundreds end, each would be asked hundreds of times.
        while self._children and (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            child = self._children.pop(pid)
            del self._endings[pid]
            child.returncode = os.waitstatus_to_exitcode(status)
            ended.append({"event": "exit", "pid": pid, "status": child.returncode})
        return ended

    def kill_all(self) -> None:
        """End every engine and wait for that."""
        self._kill_all([pid for pid, number in self._endings.items() if number == signal.SIGKILL])
        for pid, number in self._endings.items():
            self._kill(pid, number)
        for child in self._children.values():
            child.wait()

    def _spawn(self, request: dict[str, Any]) -> dict[str, Any]:
        ending = int(request["ending"])
        with Path(request["log"]).open("ab") as log:
            child = subprocess.Popen(
                request["argv"],
                cwd=request["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with(os.getpid(), ending),  # noqa: PLW1509 -- unsafe beside other threads; here is only one
            )
        self._children[child.pid], self._endings[child.pid] = child, ending
        return {"pid": child.pid}

    def _spawn_all(self, orders: list[dict[str, Any]]) -> dict[str, Any]:
        pids: list[int] = []
        try:
            for order in orders:
                pids.append(self._spawn(order)["pid"])
                # Engines that run look for those that do not yet, and would take the processor from their start.
                os.kill(pids[-1], signal.SIGSTOP)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        return {"pids": pids}

    def _kill_all(self, pids: list[int]) -> dict[str, Any]:
        # Those that are left would look for those that are gone, and leave them no processor to end on.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                self._kill(pid, number)
        return {}

    def _signal(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"known": self._kill(request["pid"], request["signal"])}

    def _kill(self, pid: int, number: int) -> bool:
        # Only own children that are not reaped yet: their process id cannot have passed on to somebody else.
        # Popen.send_signal would reap it where `reap` does not see.
        known = pid in self._children
        if known:
            os.kill(pid, number)
        return known


def main() -> None:
    """Serve until stdin ends."""
    launcher = Launcher()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    pending = b""
    # A closed stdout means the same as the end of stdin: the emulator is gone.
    with contextlib.suppress(BrokenPipeError):
        while True:
            messages: list[dict[str, Any]] = []
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if key.fd == woken:
                    continue
                if not data:
                    launcher.kill_all()
                    return
                *lines, pending = (pending + data).split(b"\n")
                messages += [launcher.answer(json.loads(line)) for line in lines]
            for message in [*messages, *launcher.reap()]:
                os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")
    launcher.kill_all()


if __name__ == "__main__":
    main()
