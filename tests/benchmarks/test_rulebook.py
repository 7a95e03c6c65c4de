"""The benchmark of the rulebook measures what it says; how long things take is not tested."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks.rulebook import SHAPES, group, main
from elasticache_kit.model.replication_group import check


@pytest.mark.parametrize(("node_groups", "replicas"), SHAPES)
def test_the_groups_are_the_largest_that_are_made(node_groups: int, replicas: int) -> None:
    """500 nodes pass with warnings, and one shard more is refused."""
    assert {violation.level for violation in check(group(node_groups, replicas))} == {"warn"}
    assert "rg-shard-limit" in {violation.rule_id for violation in check(group(node_groups + 1, replicas))}


@pytest.mark.parametrize("output", ["table", "json"])
def test_the_command(output: str) -> None:
    """Anyone can run it, and machines can read what it says."""
    done = CliRunner().invoke(main, ["--rounds", "1", "--output", output])

    assert done.exit_code == 0, done.output
    if output == "json":
        report = json.loads(done.stdout)
        assert report["load"]["ratio"] > 0
        assert [item["found"] for item in report["checks"]] == [
            ["rg-shard-quota", "rg-failover-single-node-cme"],
            ["rg-shard-quota"],
        ]
    else:
        assert "500 x     1" in done.stdout
