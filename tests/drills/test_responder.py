"""The server that the instrument is held against."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from elasticache_kit.drills import resp
from elasticache_kit.drills.responder import commands

STREAM = resp.command("SET", "key", "a\r\nb") + resp.command("GET", "key") + resp.command("INFO", "server")


def test_commands_are_read_however_they_are_cut() -> None:
    """Packets end anywhere, also inside of a value that looks like the end of a line."""
    for cut in range(len(STREAM) + 1):
        first, rest = commands(STREAM[:cut])
        second, left = commands(rest + STREAM[cut:])

        assert ([*first, *second], left) == ([b"SET", b"GET", b"INFO"], b"")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends a process with its parent")
def test_one_that_is_stopped_ends_with_whoever_started_it() -> None:
    """As when the instrument is killed during a known stall: nobody is left to let it go on."""
    start = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-m', 'elasticache_kit.drills.responder']"
    )
    start += ", stdin=subprocess.PIPE); print(p.pid, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, _port = int(parent.stdout.readline()), parent.stdout.readline()
        os.kill(pid, signal.SIGSTOP)
        parent.kill()
        try:
            # The pipe is closed when both are gone.
            assert parent.communicate(timeout=30)[0] == ""
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
