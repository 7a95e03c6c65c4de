"""A VPC with a subnet group, as every replication group needs one."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.emulator.wire import Client, Create, make_group, make_subnet_group, make_subnets


@pytest.fixture
def subnets(client: Client) -> list[str]:
    """Three subnets of one VPC, each in a zone of its own."""
    return make_subnets(client, "abc")


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
