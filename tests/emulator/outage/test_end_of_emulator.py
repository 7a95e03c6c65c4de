"""What becomes of faults when their emulator ends, and what one without engines has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.errors import RefusedError
from tests.emulator.wire import client_of

if TYPE_CHECKING:
    from pathlib import Path

THROTTLING = {"kind": "api-throttling", "Region": "eu-west-1", "Operations": ["DescribeEvents"]}


def test_nothing_of_a_fault_outlives_its_emulator(tmp_path: Path) -> None:
    """Not even in a process that starts another one, or where it begins anew."""
    with Emulator(tmp_path, engines=False, timing=INSTANT) as first:
        first.outages.begin(THROTTLING)
        first.reset()
        client_of(first.endpoint_url)("elasticache").describe_events()
        first.outages.begin(THROTTLING)
    with Emulator(tmp_path, engines=False, timing=INSTANT) as second:
        client_of(second.endpoint_url)("elasticache").describe_events()

        assert (first.outages.recorded(), second.outages.recorded()) == ((), ())


def test_a_fault_of_engines_needs_engines(tmp_path: Path) -> None:
    """The refusal says what to do."""
    with (
        Emulator(tmp_path, engines=False, timing=INSTANT) as emulator,
        pytest.raises(RefusedError, match="start it without --no-engines"),
    ):
        emulator.outages.begin({"kind": "kill", "Region": "eu-west-1", "CacheClusterId": "a"})
