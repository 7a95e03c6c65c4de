"""The benchmark of new clusters measures what it says; how long things take is not tested."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from benchmarks.create import key_in, main
from elasticache_kit.model.slot import key_slot

pytestmark = pytest.mark.engine


def test_the_command() -> None:
    """Anyone can run it where redis-cli is: both make a cluster, and the memory of its nodes is told."""
    if shutil.which("redis-cli") is None:
        pytest.skip("redis-cli is not installed; Debian and Ubuntu have it in the package redis-tools")
    done = CliRunner().invoke(main, ["--rounds", "1", "--shape", "1x1", "--output", "json"])

    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert row["shape"] == "1x1"
    assert min(row["seconds"], row["redis_cli_seconds"], row["ratio"], row["mib_per_node"]) > 0


def test_each_shard_is_written_to() -> None:
    """By a key in its own slots."""
    assert key_slot(key_in("16000-16383")) in range(16000, 16384)
