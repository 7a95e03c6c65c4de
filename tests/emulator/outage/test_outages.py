"""What all faults have in common: how they are asked for, refused and remembered."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator import capability, outage_page
from elasticache_kit.emulator.outage.catalog import KINDS
from elasticache_kit.emulator.server import Emulator
from tests.emulator.outage.member import primary_of

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

OF_SERVICE = ["api-throttling", "blocked-failover", "failed-recovery"]


@pytest.mark.parametrize(
    ("order", "reasons"),
    [
        ({"kind": "flood"}, ["kind is 'flood'; give one of kill, pause, az-power-loss"]),
        ({"kind": "kill", "Nodes": 1}, ["CacheClusterId is missing", "Nodes means nothing here"]),
        ({"kind": "kill", "CacheClusterId": "nobody"}, ["no node that is available has CacheClusterId nobody"]),
        ({"kind": "kill", "content_type": "text/plain"}, ["it must be sent as application/json"]),
        (
            {"kind": "replication-lag", "Milliseconds": 9000},
            ["Milliseconds is 9000; it is a number of milliseconds from 1 to 5000", "give either CacheClusterId or"],
        ),
        ({"kind": "partition", "CacheClusterId": "a", "From": "all"}, ["it is one of peers, clients, both"]),
        ({"kind": "api-throttling", "Operations": []}, ["Operations is []; it is a list of texts"]),
        ({"kind": "api-throttling", "Operations": ["Dance"]}, ["Dance is no operation of ElastiCache"]),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_all_reasons(
    refusal: Callable[..., str], order: dict[str, Any], reasons: list[str]
) -> None:
    """A client reads what to send instead; a web page cannot send one unasked."""
    said = refusal(**order)

    assert not [reason for reason in reasons if reason not in said]


def test_the_emulator_says_which_faults_it_knows(emulator: Emulator, tmp_path: Path) -> None:
    """A drill asks before it breaks anything; without engines there are those of the service alone."""
    assert (capability.ask(emulator.endpoint_url) or {})["faults"] == list(KINDS)
    alone = Emulator(tmp_path, engines=False)
    alone.stop()
    assert alone.capability["faults"] == OF_SERVICE


def test_a_fault_of_a_node_that_has_it_is_refused(
    api: Any, ask: Asking, end: Ending, refusal: Callable[..., str]
) -> None:
    """Two of a kind could not be put right one after the other."""
    node = primary_of(api)
    begun = ask("pause", CacheClusterId=node)

    assert f"pause goes on already as {begun['id']}" in refusal("pause", CacheClusterId=node)
    end(begun)
    end(ask("pause", CacheClusterId=node))


def test_faults_are_remembered_with_their_moments(emulator: Emulator, api: Any, ask: Asking, end: Ending) -> None:
    """What goes on has no end yet; what was put right has one."""

    def told(outage_id: str) -> dict[str, Any]:
        url = f"{emulator.endpoint_url}{outage_page.PATH}"
        page = json.loads(capability.send(urllib.request.Request(url)))  # noqa: S310 - http only
        return next(item for item in page["faults"] if item["id"] == outage_id)

    begun = ask("pause", CacheClusterId=primary_of(api))
    during = told(begun["id"])
    end(begun)

    assert during == begun
    assert begun["ended"] is None
    assert told(begun["id"])["ended"] >= begun["began"]
