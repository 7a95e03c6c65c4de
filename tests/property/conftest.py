"""What the properties are tried on, and where the counts go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.property.evidence import PROPERTY
from tests.property.world import World

if TYPE_CHECKING:
    from tests.property.tally import Tally


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A Region of an emulator without engines, over the wire."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        yield World(emulator.endpoint_url)


@pytest.fixture
def tallies(request: pytest.FixtureRequest) -> Iterator[list[Tally]]:
    """Gather the counts of a test; they travel with its report, from whichever process it ran in."""
    gathered: list[Tally] = []
    yield gathered
    request.node.user_properties.extend((PROPERTY, item.document()) for item in gathered)
