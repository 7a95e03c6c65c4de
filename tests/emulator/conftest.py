"""Emulators for the tests of this folder: one without engines for the control plane, one with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet import binary
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


@pytest.fixture(scope="session")
def redis_server() -> Path:
    """Give the redis-server of this machine; skip with the reason where it is absent, or newer than ElastiCache's."""
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("redis-server is not installed; on Debian: apt-get install --no-install-recommends redis-server")
    if not (program := binary.find(Path(found))).open_source:
        pytest.skip(f"{found} is Redis {program.version}, and Redis OSS ends with 7.2")
    return Path(found)
