"""Fixtures of the tests of drills."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.drills.shard import Shard
from tests.ops.conftest import api

__all__ = ["api"]


@pytest.fixture
def shard(tmp_path: Path) -> Generator[Shard]:
    """Return a primary and a replica in sync, which end with the test."""
    shard = Shard(tmp_path)
    try:
        shard.start()
        yield shard
    finally:
        shard.engines.stop()
