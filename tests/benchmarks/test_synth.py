"""The benchmark of synth compares like with like, and counts what it says; how long things take is not tested."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from benchmarks.synth import compare, counted, l1, library, main, many_node_groups, run

if TYPE_CHECKING:
    from aws_cdk import Stack

# The group, its scope, the subnet group, the security group, their references and the removal policy.
MOST_CROSSINGS = 8


def _for_one_more(groups: int) -> int:
    """Return what one more group asks of the CDK."""
    return run(library, groups + 1).crossings - run(library, groups).crossings


def test_both_make_the_same_templates() -> None:
    """Resources, properties and logical ids are equal, so the two ways are comparable."""
    by_hand, by_library = run(l1, 2).template, run(library, 2).template

    assert by_library == by_hand
    kinds = [resource["Type"] for resource in by_library["Resources"].values()]
    assert kinds.count("AWS::ElastiCache::ReplicationGroup") == 2


def test_a_comparison_of_different_templates_says_nothing() -> None:
    """The benchmark ends where the two drift apart."""
    with pytest.raises(SystemExit, match="the templates of 1 groups differ"):
        compare(1, rounds=1, by_hand=many_node_groups)


def test_a_group_asks_little() -> None:
    """One more group asks the CDK no more than this, and no more than L1 does; so growth is linear."""
    assert _for_one_more(1) == _for_one_more(4) <= MOST_CROSSINGS
    assert _for_one_more(1) <= run(l1, 3).crossings - run(l1, 2).crossings


def test_node_groups_ask_nothing() -> None:
    """As many node groups as there may be without asking AWS for more cross as often as two do."""
    assert run(many_node_groups, 90).crossings == run(many_node_groups, 2).crossings


def test_counting_ends(stack: Stack) -> None:
    """What crosses is counted inside of the context only."""
    with counted() as crossings:
        _ = stack.node.path
    _ = stack.node.path

    assert crossings.number == 2
    assert crossings.seconds > 0


@pytest.mark.parametrize("output", ["table", "json"])
def test_the_command(output: str) -> None:
    """Anyone can run it, and machines can read what it says."""
    arguments = ["--groups", "1", "--rounds", "1", "--node-groups", "2", "--output", output]
    done = CliRunner().invoke(main, arguments)

    assert done.exit_code == 0, done.output
    if output == "json":
        (comparison,) = json.loads(done.stdout)["comparisons"]
        assert comparison["groups"] == 1
        assert comparison["ratio"] > 0
    else:
        assert "2 node groups of 1 node in one group" in done.stdout
