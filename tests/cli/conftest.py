"""Fixtures of the tests of commands."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.cli.local import Local
from tests.ops.completed import World, completed

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Generator[Local]:
    """Serve an empty local ElastiCache that loses no time."""
    folder = tmp_path_factory.mktemp("local")
    with Emulator(folder / "emulator", timing=INSTANT) as emulator:
        served = Local(emulator, folder)
        try:
            yield served
        finally:
            for process in served.processes:
                if process.poll() is None:
                    process.kill()
                process.communicate()


@pytest.fixture(scope="module")
def world() -> Generator[World]:
    """Have an account inside this process, see `completed`."""
    with completed() as made:
        yield made


@pytest.fixture
def account(world: World) -> Session:
    """Connect to the account, which is empty."""
    world.empty()
    return world.session()
