"""Slow engines behind TLS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import slowness
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

SECONDS, COMMANDS = 0.1, 200


def test_answers_are_late_and_in_order(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """A pipeline of commands waits once, and the node is as quick as before when that is over."""
    fleet.start_group(order("slow", tls=True, nodes=2))
    group = fleet.group("slow")
    node = group.leader("0001")

    def took() -> tuple[float, list[int]]:
        client = connect(node.address, ssl=True, ssl_ca_certs=str(fleet.ca_file))
        client.delete("n")
        pipeline = client.pipeline(transaction=False)
        for _ in range(COMMANDS):
            pipeline.incr("n")
        begun = time.monotonic()
        answers = pipeline.execute()
        return time.monotonic() - begun, answers

    slowness.slow(group, node, SECONDS)
    late, answers = took()
    in_sync = group.roles()
    slowness.quicken(node)

    assert answers == list(range(1, COMMANDS + 1))
    assert SECONDS <= late < COMMANDS * SECONDS / 2
    assert in_sync == {"slow-001": "primary", "slow-002": "replica"}
    # A busy machine may be late itself, but not each time.
    until(took, lambda seen: seen[0] < SECONDS)
    assert group.workshop.links.pid is None
