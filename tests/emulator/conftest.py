"""Emulators for the tests of this folder: one without engines for the control plane, one with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator

Client = Callable[[str], Any]


def client_of_endpoint(endpoint_url: str) -> Client:
    """Return a maker of boto3 clients that talk to an emulator over the wire."""

    def client(service: str) -> Any:
        return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportCallIssue, reportArgumentType] - any service
            service,
            endpoint_url=endpoint_url,
            region_name="eu-west-1",
            aws_access_key_id="ELASTICACHEKITLOCAL0",
            aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
        )

    return client


@pytest.fixture(scope="session")
def connect() -> Callable[[str], Client]:
    """Give the maker of clients for any endpoint."""
    return client_of_endpoint


@pytest.fixture
def control_plane(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator that answers the API and starts no engine."""
    with Emulator(tmp_path, timing=INSTANT, engines=False) as emulator:
        yield emulator


@pytest.fixture
def client(control_plane: Emulator) -> Client:
    """Make boto3 clients of the control plane."""
    return client_of_endpoint(control_plane.endpoint_url)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator with real engines."""
    with Emulator(tmp_path, timing=INSTANT) as running:
        yield running
