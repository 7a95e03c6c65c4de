"""The instrument against servers of which the truth is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from elasticache_kit.drills.calibration import Calibration, Stall, calibrate
from elasticache_kit.drills.checker.availability import calibrated
from elasticache_kit.drills.experiment import Limits, Settings
from elasticache_kit.drills.verdict import Verdict

GOOD = Calibration(0.006, (Stall(0.15, 0.154, 0.006, 0.001), Stall(0.4, 0.393, 0.006, 0.001)))


def test_the_error_bar_is_the_reading_that_was_farthest_off() -> None:
    """In either direction."""
    assert GOOD.error_seconds == pytest.approx(0.007)
    assert str(GOOD).startswith("error bar ±7 ms: known stalls of 150 ms read as 154 ms")


def test_an_instrument_within_its_limit_passes_and_one_beyond_proves_nothing() -> None:
    """Both sides of the limit; and none without a reading."""
    assert calibrated(GOOD, Limits(max_stall_seconds=0.0071)).verdict is Verdict.PASSED
    assert calibrated(GOOD, Limits(max_stall_seconds=0.0069)).verdict is Verdict.UNKNOWN
    assert calibrated(None, Limits()).verdict is Verdict.UNKNOWN


@pytest.mark.calm
def test_known_stalls_are_read_as_they_were_and_the_healthy_server_is_untouched() -> None:
    """A stall in which the instrument was late itself is void: it says something of the machine only."""
    stalls = asyncio.run(calibrate(replace(Settings(), stalls_seconds=(0.1, 0.3)))).stalls

    for stall in stalls:
        assert stall.measured_seconds > 0.05, "a stall that nobody saw"
        if stall.lag_seconds < 0.02:
            assert abs(stall.error_seconds) < 0.1
            assert stall.healthy_gap_seconds < stall.truth_seconds
