"""A helper process of the emulator that takes requests as JSON lines on stdin and ends when stdin does."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

# A machine that starts hundreds of engines at once is slow, and not broken.
ANSWER_TIMEOUT = 60.0
EXIT_TIMEOUT = 5.0

Message = dict[str, Any]


class GoneError(EngineStartError):
    """A helper has ended, so it does nothing of what it was asked for."""


class Companion:
    """The emulator's end of the pipe to a helper process; safe to use from several threads.

    The helper gets a session of its own, so that Ctrl-C at a terminal reaches only the emulator, which then stops its
    helpers in order. The kernel closes the pipe of an emulator that was killed, which ends the helper.

    Args:
        program: the Python file to run.
        log: where its error output goes.
        options: options of the Python interpreter.
        on_event: called with each message that answers no request, from a thread of its own.
        on_end: called once when the helper has ended, from the same thread.

    Raises:
        EngineStartError: the helper cannot be started.
    """

    def __init__(
        self,
        program: Path,
        log: Path,
        *,
        options: Sequence[str] = ("-I",),
        on_event: Callable[[Message], None] | None = None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self._program, self._log = program, log
        self._on_event, self._on_end = on_event, on_end
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Message]] = {}
        self._ended = False
        try:
            with log.open("ab") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, *options, program],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
        except OSError as error:
            raise EngineStartError(f"{program.name} cannot be started: {error}.") from error
        self._reader = threading.Thread(target=self._read, name=program.stem, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The helper's process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the helper has ended, asked to or not."""
        return self._ended

    def ask(self, operation: str, **arguments: Any) -> Message:
        """Send a request and give its result.

        Raises:
            GoneError: the helper has ended.
            EngineStartError: it refuses, or does not answer in time.
        """
        future = self._send(operation, arguments)
        try:
            answer = future.result(ANSWER_TIMEOUT)
        except FutureTimeoutError as error:
            raise EngineStartError(
                f"{self._program.name} did not answer {operation} within {ANSWER_TIMEOUT:g} seconds; see {self._log}."
            ) from error
        if "error" in answer:
            raise EngineStartError(f"{self._program.name} could not {operation}: {answer['error']}.")
        result: Message = answer["result"]
        return result

    def tell(self, operation: str, **arguments: Any) -> None:
        """Send a request and wait for nothing, as a handler of messages must; a helper that has ended hears nothing."""
        with contextlib.suppress(EngineStartError):
            self._send(operation, arguments)

    def close(self) -> None:
        """End the helper and wait for it; killed if it does not go. One that has ended is laid to rest, too."""
        with self._lock:
            self._ended = True
            stdin = self._process.stdin
            if stdin is not None:
                with contextlib.suppress(OSError):
                    stdin.close()
        try:
            self._process.wait(EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._reader is not threading.current_thread():
            self._reader.join(EXIT_TIMEOUT)

    def _send(self, operation: str, arguments: Message) -> Future[Message]:
        request_id, future = next(self._ids), Future[Message]()
        line = json.dumps({"id": request_id, "op": operation, **arguments}).encode() + b"\n"
        with self._lock:
            if self._ended:
                raise self._gone(operation)
            self._waiting[request_id] = future
            stdin = self._process.stdin
            assert stdin is not None  # noqa: S101 -- opened as a pipe in __init__
            try:
                stdin.write(line)
                stdin.flush()
            except OSError as error:
                raise self._gone(operation) from error
        return future

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 -- opened as a pipe above
        with stdout:
            for line in stdout:
                message: Message = json.loads(line)
                if "id" not in message:
                    if self._on_event is not None:
                        self._on_event(message)
                    continue
                with self._lock:
                    future = self._waiting.pop(message["id"], None)
                if future is not None:
                    future.set_result(message)
        with self._lock:
            self._ended = True
            abandoned = list(self._waiting.values())
            self._waiting.clear()
        for future in abandoned:
            future.set_exception(self._gone("answer"))
        if self._on_end is not None:
            self._on_end()

    def _gone(self, operation: str) -> GoneError:
        return GoneError(f"{self._program.name} cannot {operation}: the process has ended; see {self._log}.")
