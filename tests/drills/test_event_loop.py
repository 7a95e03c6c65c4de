"""The event loop of the instrument."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from elasticache_kit.drills import event_loop
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import Connection
from tests.drills.impostor import impostor, plain

if TYPE_CHECKING:
    import pytest


def test_what_comes_in_while_a_timer_runs_is_not_kept_waiting() -> None:
    """A reply ends the wait; and what is scheduled from another thread does."""

    async def scenario() -> list[object]:
        timer = asyncio.get_running_loop().call_later(3600, lambda: None)
        async with impostor(plain) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            seen: list[object] = [connection.node, await asyncio.to_thread(lambda: "a thread")]
            await connection.close()
        timer.cancel()
        return seen

    with asyncio.Runner(loop_factory=event_loop.new) as loop:
        assert loop.run(scenario()) == ["abc", "a thread"]


def test_it_is_asyncios_own_where_uvloop_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slower, and as exact."""
    installed = event_loop.new()
    monkeypatch.setitem(sys.modules, "uvloop", None)
    without = event_loop.new()
    try:
        assert isinstance(without, asyncio.SelectorEventLoop)
        assert isinstance(installed, asyncio.SelectorEventLoop) is (sys.platform != "linux")
    finally:
        installed.close()
        without.close()
