"""An emulator with the group `orders`, and what begins and ends faults over the wire."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.error import HTTPError

import pytest
from valkey import Valkey
from valkey.backoff import NoBackoff
from valkey.retry import Retry

from elasticache_kit.emulator import capability, outage_page
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.outage.member import members, whole
from tests.emulator.wire import PATIENCE_SECONDS, available, client_of, make_group, make_subnet_group, make_subnets

Asking = Callable[..., dict[str, Any]]
Ending = Callable[[dict[str, Any]], dict[str, Any]]

# Seconds for an answer that must not come.
HASTE = 0.5


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with the group `orders`: a primary and two replicas in three zones."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client, TransitEncryptionEnabled=False)
        available(client("elasticache"))
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


@pytest.fixture
def ask(emulator: Emulator, api: Any) -> Iterator[Asking]:
    """Give what begins a fault; those that go on at the end of the test are ended."""
    url = f"{emulator.endpoint_url}{outage_page.PATH}"

    def send(kind: str, content_type: str = "application/json", **what: Any) -> dict[str, Any]:
        body = json.dumps({"kind": kind, "Region": "eu-west-1", **what}).encode()
        headers = {"Content-Type": content_type}
        return json.loads(capability.send(urllib.request.Request(url, body, headers)))  # noqa: S310 - http only

    yield send
    for item in json.loads(capability.send(urllib.request.Request(url)))["faults"]:  # noqa: S310 - http only
        if item["ended"] is None:
            emulator.outages.end(item["id"])
    whole(api)


@pytest.fixture
def end(emulator: Emulator) -> Ending:
    """Give what ends a fault."""

    def send(begun: dict[str, Any]) -> dict[str, Any]:
        url = f"{emulator.endpoint_url}{outage_page.PATH}/{begun['id']}"
        request = urllib.request.Request(url, method="DELETE")  # noqa: S310 - http only
        return json.loads(capability.send(request))

    return send


@pytest.fixture
def refusal(ask: Asking) -> Callable[..., str]:
    """Give what asks for a fault that is refused, and returns the reasons."""

    def send(kind: str, **what: Any) -> str:
        with pytest.raises(HTTPError) as caught:
            ask(kind, **what)
        said = json.loads(caught.value.read())["error"]
        caught.value.close()
        return said

    return send


@pytest.fixture
def connect(api: Any) -> Iterator[Callable[..., Any]]:
    """Give what connects to a node, or to where the primary endpoint leads now.

    An answer may take as long as a busy machine needs, or `HASTE` where none is to come.
    """
    with ExitStack() as cleanup:

        def made(node: str | None = None, timeout: float = PATIENCE_SECONDS) -> Any:
            (shard,) = available(api)["NodeGroups"]
            address = members(api)[node].address if node else shard["PrimaryEndpoint"]["Address"]
            once = Retry(NoBackoff(), 0)
            client: Any = Valkey(host=address, socket_timeout=timeout, retry=once, decode_responses=True)
            cleanup.callback(client.close)
            return client

        yield made
