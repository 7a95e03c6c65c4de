"""A drill in a sentence."""

from __future__ import annotations

from elasticache_kit.drills.report.summary import summary
from tests.drills.forged import result
from tests.drills.story import Story, failover_story


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


def test_nothing_measured_is_said() -> None:
    """A drill that broke down at once."""
    assert summary(result(Story())) == "Whether acknowledged writes were lost is unknown."
