"""Snapshots of a serverless cache, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.serverless_cache_snapshot import check
from tests.model.case.serverless_cache_snapshot import SNAPSHOT


def test_a_snapshot_has_a_name_and_a_cache() -> None:
    """Neither is made up."""
    found = check(replace(SNAPSHOT, serverless_cache_snapshot_name=None, serverless_cache_name="Orders"))

    assert [(violation.rule_id, violation.property) for violation in found] == [
        ("sl-snapshot-resource", "serverless_cache_snapshot_name"),
        ("sl-snapshot-source", "serverless_cache_name"),
    ]
