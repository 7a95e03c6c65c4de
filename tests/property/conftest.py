"""What the properties are tried on, and where the counts go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.property.world import World

if TYPE_CHECKING:
    from tests.property.tally import Tally


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A Region of an emulator without engines, over the wire."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        yield World(emulator.endpoint_url)


@pytest.fixture(scope="session")
def tallies(pytestconfig: pytest.Config) -> Iterator[list[Tally]]:
    """Gather the counts of all depths; `--tally FILE` writes them down."""
    gathered: list[Tally] = []
    yield gathered
    target: str | None = pytestconfig.getoption("--tally")
    if target is not None:
        Path(target).write_text(json.dumps([item.document() for item in gathered], indent=2) + "\n", encoding="utf-8")
