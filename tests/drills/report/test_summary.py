"""A drill in a sentence."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.report.summary import summary
from tests.drills.forged import result
from tests.drills.story import GROUP, Story, failover_story


def test_lost_writes_are_told() -> None:
    """How many of how many."""
    story = Story()
    story.writes(0, 1)
    story.held(set(range(1, 91)))

    assert "Of 100 acknowledged writes 10 were lost." in summary(result(story))


def test_a_loss_that_is_unknown_is_told_as_unknown() -> None:
    """Not as none."""
    story = Story()
    story.writes(0, 1)

    assert "Whether acknowledged writes were lost is unknown." in summary(result(story))


def test_neighbours_are_told_by_their_longest_gap() -> None:
    """Whether a failover of one node group disturbed the others."""
    story = failover_story()
    story.node_group = "0002"
    story.writes(0, 4)
    story.writes(4.5, 8, first=401)

    assert summary(result(story, node_groups=("0001", "0002"))).endswith(
        "In the other node group the longest gap was 510 ms."
    )


@pytest.mark.parametrize(("kind", "told"), [(Kind.OK, "Of 1 sign-ins none was"), (Kind.FAIL, "Of 1 sign-ins 1 were")])
def test_sign_ins_of_a_rotation_are_told(kind: Kind, told: str) -> None:
    """They are what it is about."""
    story = Story()
    story.writes(0, 2)
    story.fault(1, "ModifyReplicationGroup (SET)")
    story.history.log(Action.SIGN_IN, kind, GROUP, member="orders-001", error=None if kind is Kind.OK else "WRONGPASS")

    assert f"{told} refused." in summary(result(story))


def test_nothing_measured_is_said() -> None:
    """A drill that broke down at once."""
    assert summary(result(Story())) == "Whether acknowledged writes were lost is unknown."
