"""Random requests in random order: no defect is met, and what must be true stays true after every step."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.fuzz.campaign import Campaign, watched_log
from tests.fuzz.request import operations
from tests.property.depth import proving
from tests.property.evidence import PROPERTY
from tests.property.tally import Tally

STEPS = 50
PROVING_SECONDS = 600
ENGINE_SECONDS = 120
# Long enough for the next request to come meanwhile.
TIMING = replace(INSTANT, name="fuzz", create=0.01, modify=0.01, delete=0.01)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator without engines."""
    with Emulator(tmp_path, timing=TIMING, engines=False) as emulator:
        yield emulator


def seed(config: pytest.Config) -> int:
    """Return the seed: the one that is asked for, one and the same in `make test`, and a new one in `make prove`."""
    asked: int | None = config.getoption("--fuzz-seed")
    return asked if asked is not None else secrets.randbelow(1_000_000) if proving() else 0


def run(campaign: Campaign, tally: Tally, seed_used: int, seconds: float | None, steps: int = STEPS) -> None:
    """Go on for some seconds, or for some steps, until something is wrong."""
    started, done = time.monotonic(), 0
    with watched_log() as defects:
        while time.monotonic() - started < seconds if seconds is not None else done < steps:
            done += 1
            complaint = campaign.step(defects)
            if complaint is not None:
                profile = " --hypothesis-profile=prove" if proving() else ""
                again = f"step {done} of {seed_used}; again with --fuzz-seed={seed_used}{profile}\n{complaint}"
                tally.disagreement = again
                pytest.fail(again, pytrace=False)
    tally.outcomes.update({f"steps of seed {seed_used}": done})
    tally.seen.update(campaign.codes)
    tally.seen.update(campaign.operations)
    print(f"fuzz: seed {seed_used}, {done} steps, {campaign.operations.total()} requests")  # noqa: T201 - for whoever reads a run


def test_random_requests(plane: Emulator, request: pytest.FixtureRequest) -> None:
    """No 500, no traceback, no broken invariant, without engines."""
    tally = Tally("fuzz", "control plane")
    used = seed(request.config)
    try:
        run(Campaign(plane, used), tally, used, PROVING_SECONDS if proving() else None)
    finally:
        request.node.user_properties.append((PROPERTY, tally.document()))

    assert tally.seen["taken"] > 0.1 * tally.cases
    if proving():
        assert set(operations()) <= tally.seen.keys()


@pytest.mark.engine
@pytest.mark.skipif("not config.getoption('--fuzz-seed') and not proving()", reason="a part of `make prove`")
def test_random_requests_with_engines(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The same with real engines, for a shorter time; there are as many as the groups say, and none at the end."""
    tally, used = Tally("fuzz", "engines"), seed(request.config)
    try:
        with Emulator(tmp_path, timing=TIMING) as emulator:
            run(Campaign(emulator, used, leap=False), tally, used, ENGINE_SECONDS)
            fleet = emulator.fleet
            assert fleet is not None
            pids = fleet.pids()
        assert [pid for pid in pids if (Path("/proc") / str(pid)).exists()] == []
    finally:
        request.node.user_properties.append((PROPERTY, tally.document()))
