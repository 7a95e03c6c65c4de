"""Two instances of the shop behind its balancer, over one engine, once for all tests here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet import Fleet
from elasticache_kit.model.environment import CacheEnvironment
from examples.sessions.balancer import Balancer
from examples.sessions.instance import instances, process_with
from examples.sessions.visitor import Client
from tests.cache.conftest import plan

NAMES = ("one", "two")


def environment(fleet: Fleet, key: str) -> Mapping[str, str]:
    """Return the environment of an instance whose sessions are in a group."""
    cache = CacheEnvironment(endpoint=fleet.primary_endpoint(key) or "", tls=False)
    return {**os.environ, **cache.to_env()}


@pytest.fixture(scope="session")
def shop_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet with one node for the sessions, and another one that has none of them."""
    fleet = Fleet(tmp_path_factory.mktemp("shop"))
    fleet.start_group(plan("sessions"))
    fleet.start_group(plan("elsewhere"))
    yield fleet
    fleet.stop()


@pytest.fixture(scope="session")
def ports(shop_engines: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """Where the two instances listen."""
    launch = process_with(environment(shop_engines, "sessions"))
    with instances(NAMES, launch, tmp_path_factory.mktemp("logs")) as found:
        yield found


@pytest.fixture(scope="session")
def url(ports: list[int]) -> Iterator[str]:
    """Where the shop is."""
    with Balancer(ports) as balancer:
        yield balancer.url


@pytest.fixture
def visitor(url: str) -> Client:
    """Somebody who has never been there."""
    return Client(url)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder for what instances say."""
    return tmp_path
