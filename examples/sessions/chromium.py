"""A visitor with a real browser: Chromium without a window, driven over a pipe, so that no port is opened.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from examples.sessions.visitor import PATIENCE_SECONDS, Seen, VisitError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT = 760, 560
# Chromium reads commands from descriptor 3 and writes what it says to 4; this process has both of them elsewhere.
_LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_ABOVE = 10
_OPTIONS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--hide-scrollbars", "--no-proxy-server", f"--window-size={WIDTH},{HEIGHT}",
)  # fmt: skip


def find() -> str | None:
    """Return the program; None where there is none: $CHROMIUM where it is set, else on PATH."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """A tab.

    Args:
        commands: the descriptor that takes commands.
        said: the descriptor that gives what it says.
        url: where the shop is.
    """

    def __init__(self, commands: int, said: int, url: str) -> None:
        self._commands, self._said, self._url = commands, said, url
        self._number, self._rest = 0, b""
        self._events: list[str] = []
        self._tab = ""
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._tab = self._do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._do("Page.enable")

    def look(self) -> Seen:
        """Open the page."""
        self._events.clear()
        self._do("Page.navigate", url=self._url)
        return self._seen()

    def log_in(self, user: str, password: str) -> Seen:
        """Fill in the form, send it, and return the page that comes."""
        for name, value in (("user", user), ("password", password)):
            self._evaluate(f"document.querySelector('[name={name}]').value = {json.dumps(value)}")
        return self._click("form[action='/login'] button")

    def take(self, thing: str) -> Seen:
        """Put something into the basket."""
        return self._click(f"[data-thing={thing}]")

    def save_picture(self, path: Path) -> None:
        """Write what the tab shows as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._do("Page.captureScreenshot", format="png")["data"]))

    def _click(self, selector: str) -> Seen:
        self._events.clear()
        self._evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        return self._seen()

    def _seen(self) -> Seen:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "Page.loadEventFired" not in self._events:
            self._hear(deadline)
        return Seen.of(self._evaluate("document.documentElement.outerHTML"))

    def _evaluate(self, expression: str) -> Any:
        answer = self._do("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise VisitError(f"{expression} failed in Chromium: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        number, deadline = self._number, time.monotonic() + PATIENCE_SECONDS
        command: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._tab:
            command["sessionId"] = self._tab
        # One that has ended already is found out by what it does not say.
        with suppress(BrokenPipeError):
            os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._hear(deadline)
            if message.get("id") == number:
                if "error" in message:
                    raise VisitError(f"Chromium refused {method}: {message['error']['message']}")
                return message["result"]

    def _hear(self, deadline: float) -> dict[str, Any]:
        """Return the next message, and note it where it is an event."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._said], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._said, 1 << 16) if ready else b""
            if not part:
                raise VisitError("Chromium has ended" if ready else f"Chromium said nothing for {PATIENCE_SECONDS:g} s")
            self._rest += part
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self._events.append(message["method"])
        return message


@contextmanager
def chromium(program: str, url: str) -> Generator[Chromium]:
    """Run Chromium while the block lasts, with a profile of its own that goes with it.

    Args:
        program: the program.
        url: where the shop is.

    Raises:
        VisitError: it does not start.
    """
    # Root has no sandbox to go into; nothing is opened here but a page of our own on the loopback address.
    options = [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory(prefix="elasticache-kit-chromium-", ignore_cleanup_errors=True) as folder:
        theirs, commands = map(_moved, os.pipe())
        said, answers = map(_moved, os.pipe())
        process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(theirs), str(answers), program, *options, f"--user-data-dir={folder}"],
            env={**os.environ, "HOME": folder}, pass_fds=(theirs, answers), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs)
        os.close(answers)
        try:
            yield Chromium(commands, said, url)
        finally:
            # Chromium ends when nobody can tell it anything any more, and its own processes with it.
            os.close(commands)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(said)


def _moved(descriptor: int) -> int:
    """Move a descriptor out of the way of 3 and 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(descriptor)
    return moved
