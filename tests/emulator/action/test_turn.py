"""Requests that change something take turns."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets


def test_calls_at_the_same_moment_are_one_failover(tmp_path: Path) -> None:
    """One is accepted; the others find that it goes on."""
    slow = dataclasses.replace(INSTANT, detect=1.0)
    with Emulator(tmp_path, timing=slow, engines=False) as emulator:
        client = client_of(emulator.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client)
        elasticache = client("elasticache")
        available(elasticache)

        def call(_: int) -> str:
            try:
                elasticache.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
            except elasticache.exceptions.InvalidReplicationGroupStateFault:
                return "goes on"
            return "accepted"

        with ThreadPoolExecutor(6) as pool:
            answers = sorted(pool.map(call, range(6)))

        assert answers == ["accepted", *["goes on"] * 5]
