"""Emulators for the tests of this folder: one without engines for the control plane, one with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, client_of


@pytest.fixture
def control_plane(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator that answers the API and starts no engine."""
    with Emulator(tmp_path, timing=INSTANT, engines=False) as emulator:
        yield emulator


@pytest.fixture
def client(control_plane: Emulator) -> Client:
    """Make boto3 clients of the control plane."""
    return client_of(control_plane.endpoint_url)
