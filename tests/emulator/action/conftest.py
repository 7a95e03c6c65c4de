"""One control plane for each module, and a VPC with a subnet group, as every replication group needs one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import pytest
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.clock import Clock
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, Create, client_of, make_group, make_subnet_group, make_subnets


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The clock of the emulator, which tests put forward."""
    return Clock()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[tuple[Emulator, Client]]:
    """One control plane for a module, and the clients of it: to make either costs more than most tests."""
    with Emulator(tmp_path_factory.mktemp("plane"), timing=INSTANT, engines=False, clock=clock) as emulator:
        yield emulator, cache(client_of(emulator.endpoint_url))


@pytest.fixture
def control_plane(plane: tuple[Emulator, Client]) -> Iterator[Emulator]:
    """The control plane of the module; ElastiCache is empty at the start of every test, the VPC stays."""
    emulator = plane[0]
    yield emulator
    # All of moto would take longer than most tests: EC2 makes its machine images anew.
    backends: Any = elasticache_backends[emulator.account_id]
    for backend in backends.values():
        backend.reset()


@pytest.fixture
def client(plane: tuple[Emulator, Client], control_plane: Emulator) -> Client:
    """Make boto3 clients of the control plane."""
    del control_plane
    return plane[1]


@pytest.fixture(scope="module")
def subnets(plane: tuple[Emulator, Client]) -> list[str]:
    """Three subnets of one VPC, each in a zone of its own."""
    return make_subnets(plane[1], "abc")


@pytest.fixture
def elasticache(client: Client, subnets: list[str]) -> Any:
    """A boto3 client of a region that has the subnet group `net`."""
    make_subnet_group(client, subnets)
    return client("elasticache")


@pytest.fixture
def group(client: Client, elasticache: Any) -> Create:
    """Create a replication group that passes the rulebook; arguments override or add."""
    del elasticache
    return partial(make_group, client)
