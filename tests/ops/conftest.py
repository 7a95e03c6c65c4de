"""Fixtures of the tests of operations."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from elasticache_kit.ops.session import Session
from tests.ops.completed import World, completed
from tests.ops.scripted import Api, FakeTime


@pytest.fixture
def api() -> Generator[Api]:
    """Return a scripted API; the test fails if it did not ask for all of the script."""

    def client() -> Any:
        return boto3.client(
            "elasticache",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret: nothing is sent
        )

    ask, act = client(), client()
    with Stubber(ask) as asking, Stubber(act) as acting:
        yield Api(Session(ask, act, "us-east-1", "https://elasticache.us-east-1.amazonaws.com"), asking, acting)
        asking.assert_no_pending_responses()
        acting.assert_no_pending_responses()


@pytest.fixture
def fake_time() -> FakeTime:
    """Return a clock at zero."""
    return FakeTime()


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


@pytest.fixture
def moto_alone(world: World) -> Generator[Session]:
    """Connect to moto without the kit's completion."""
    world.empty()
    with world.alone() as session:
        yield session
