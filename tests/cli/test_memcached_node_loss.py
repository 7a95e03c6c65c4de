"""`elasticache-kit drill memcached-node-loss`, on a local ElastiCache with real memcached processes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.model.permission import actions
from tests.drills.place import recorded

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = pytest.mark.engine


def test_a_rebooted_node_takes_its_keys_along_and_hits_come_back(
    local: Local, memcached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads miss on that node alone, and fill it again."""
    del memcached
    for name, value in (*local.environment.items(), ("XDG_STATE_HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    local.client.create_cache_cluster(
        CacheClusterId="sessions", Engine="memcached", CacheNodeType="cache.t4g.micro", NumCacheNodes=3
    )
    for _ in range(600):
        if (
            local.client.describe_cache_clusters(CacheClusterId="sessions")["CacheClusters"][0].get(
                "CacheClusterStatus"
            )
            == "available"
        ):
            break
        time.sleep(0.05)

    words = ["drill", "memcached-node-loss", "sessions", "--keys", "200", "--timeout", "60", "--output", "json"]
    with recorded() as calls:
        done = CliRunner().invoke(main, words, catch_exceptions=False)

    assert done.exit_code == 0, done.output
    assert calls == {*actions("drill memcached-node-loss")}
    told = json.loads(done.stdout)
    assert told["stamp"] == "local emulator: not an AWS recovery time"
    assert 0.15 < told["lost_share"] < 0.55
    assert told["moved_shares"]["rendezvous"] == pytest.approx(told["lost_share"])
    assert told["moved_shares"]["modulo"] > told["moved_shares"]["rendezvous"]
    assert told["hit_rate_before"] == 1.0
    assert told["hit_rate_back_seconds"] > 0
