"""The log of a drill."""

from __future__ import annotations

import tracemalloc

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from tests.drills.story import GROUP, Story


def test_an_operation_is_its_invocation_and_its_completion() -> None:
    """Latency counts from when the operation should have started, not from when it did."""
    story = Story()
    story.operation(Action.WRITE, 1.0, number=7, late=0.2, took=0.5, node="a")

    (write,) = story.history.operations(Action.WRITE, GROUP)

    assert (write.intended, write.invoked, write.completed) == (1.0, 1.2, 1.5)
    assert write.latency == 0.5
    assert (write.number, write.node, write.outcome) == (7, "a", Kind.OK)


def test_an_operation_that_never_completed_may_have_happened() -> None:
    """What is still under way at the end is indeterminate."""
    story = Story()
    story.operation(Action.WRITE, 1.0, None, number=7)

    (write,) = story.history.operations(Action.WRITE, GROUP)

    assert write.outcome is Kind.INFO
    assert write.completed is None
    assert write.latency == float("inf")


def test_operations_come_in_the_order_in_which_they_were_intended() -> None:
    """A late completion does not move an operation, and parts of the log can be taken."""
    story = Story()
    for at, took in ((1.0, 5.0), (2.0, 0.1)):
        story.operation(Action.READ, at, took=took)

    reads = story.history.operations(Action.READ, GROUP)

    assert [read.intended for read in reads] == [1.0, 2.0]
    assert [read.completed for read in reads[-1:]] == [2.1]


def test_a_million_operations_take_less_than_a_hundred_megabytes() -> None:
    """A drill on AWS lasts as long as AWS takes to replace a node."""
    tracemalloc.start()
    try:
        story = Story()
        for number in range(20_000):
            story.operation(Action.WRITE, number / 200, number=number)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert used / 20_000 < 100


def test_node_groups_and_actions_are_kept_apart() -> None:
    """A failing neighbour says nothing about a node group."""
    story = Story()
    story.operation(Action.WRITE, 1.0, number=1)
    story.node_group = "0002"
    story.operation(Action.WRITE, 2.0, number=1)
    story.operation(Action.READ, 3.0, number=1)

    assert [write.intended for write in story.history.operations(Action.WRITE, "0002")] == [2.0]


def test_the_number_of_a_read_is_what_it_returned() -> None:
    """A read has no number before it is answered."""
    story = Story()
    story.operation(Action.READ, 1.0, number=41)

    assert [read.number for read in story.history.operations(Action.READ, GROUP)] == [41]


def test_lines_are_all_entries_in_the_order_in_which_they_happened() -> None:
    """A write is two lines, and other entries stand between them."""
    story = Story()
    story.operation(Action.WRITE, 1.0, number=7, took=0.5)
    story.in_sync(1.2, 1, "a")

    assert [(line.at, line.kind, line.action) for line in story.history.lines()] == [
        (1.0, Kind.INVOKE, Action.WRITE),
        (1.2, Kind.INFO, Action.REDUNDANCY),
        (1.5, Kind.OK, Action.WRITE),
    ]


def test_an_operation_that_never_completed_is_one_line() -> None:
    """There is no second one to tell."""
    story = Story()
    story.operation(Action.READ, 1.0, None)

    assert [line.kind for line in story.history.lines()] == [Kind.INVOKE]
