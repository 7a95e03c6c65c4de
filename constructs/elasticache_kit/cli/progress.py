"""A sign of life on standard error while something takes its time."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console

if TYPE_CHECKING:
    from rich.status import Status


class Progress:
    """Says what is being done: a spinner on a terminal, a line at the start and one at the end elsewhere.

    Args:
        what: the work, in the present participle, for example `starting the emulator`.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._console = Console(stderr=True)
        self._status: Status | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        if self._console.is_terminal:
            self._status = self._console.status(f"{self._what} ...")
            self._status.start()
        else:
            print(f"{self._what} ...", file=sys.stderr, flush=True)  # noqa: T201 - talk goes to standard error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
        seconds = time.monotonic() - self._began
        word = "done" if kind is None else "failed"
        mark = "[green]✓[/]" if kind is None else "[red]✗[/]"
        if self._console.is_terminal:
            self._console.print(f"{mark} {self._what} [dim]{seconds:.1f} s[/]")
        else:
            print(f"{self._what}: {word} ({seconds:.1f} s)", file=sys.stderr, flush=True)  # noqa: T201 - as above
