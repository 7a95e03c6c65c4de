"""Stacks of one emulator without engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.cloudformation.stack_of import StackOf
from tests.emulator.wire import client_of, make_subnet_group, make_subnets


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for all tests of a module, with the subnet group `net`."""
    with Emulator(tmp_path_factory.mktemp("account"), timing=INSTANT, engines=False) as emulator:
        for region in ("eu-west-1", "us-east-1"):
            client = client_of(emulator.endpoint_url, region)
            make_subnet_group(client, make_subnets(client, "abc"))
        yield emulator


@pytest.fixture
def stack(account: Emulator) -> Iterator[StackOf]:
    """A stack for a test; what the test leaves of it is removed."""
    client = client_of(account.endpoint_url)
    yield StackOf(client, "tested")
    if client("cloudformation").describe_stacks()["Stacks"]:
        assert StackOf(client, "tested").destroy() == "DELETE_COMPLETE"
