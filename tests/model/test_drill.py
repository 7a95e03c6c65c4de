"""Drills that may run by the clock."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.model import permission
from elasticache_kit.model.drill import REFUSED, UNATTENDED, unattended


@pytest.mark.parametrize("drill", sorted(DRILLS))
def test_every_drill_is_judged(drill: str) -> None:
    """It may run with nobody there, and IAM is told what it needs; or there is a reason why not."""
    assert (drill in UNATTENDED) != (drill in REFUSED)
    assert drill in REFUSED or drill in permission.DRILLS


@pytest.mark.parametrize("drill", UNATTENDED)
def test_a_drill_that_may(drill: str) -> None:
    """No reason speaks against it."""
    assert list(unattended(drill)) == []


@pytest.mark.parametrize("drill", [*REFUSED, "fly"])
def test_a_drill_that_may_not(drill: str) -> None:
    """There is one reason, also for one that nobody knows."""
    (reason,) = unattended(drill)

    assert len(reason.split()) > 3
