"""Finding the node that holds a slot."""

from __future__ import annotations

import asyncio

import pytest

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.resp import ErrorReply
from elasticache_kit.drills.route import SlotRoute
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import impostor, node, plain, slots

KEYS = key_space("run", "0001", "0-16383")
BEYOND = key_space("run", "0001", "101-16383")


def test_a_slot_leads_to_its_primary_or_to_a_replica() -> None:
    """A replica is told READONLY before it is read from."""

    async def scenario() -> None:
        async with impostor(plain) as (primary, heard_by_primary), impostor(plain) as (replica, heard_by_replica):
            reply = slots((0, 16383, [node(primary), node(replica)]))
            async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (configuration, _):
                for is_replica in (False, True):
                    route = SlotRoute(configuration, KEYS, Access(), replica=is_replica)
                    await (await route.connect()).close()
        assert heard_by_primary == [["INFO", "server"]]
        assert heard_by_replica == [["READONLY"], ["INFO", "server"]]

    asyncio.run(scenario())


def test_reads_go_to_the_primary_while_there_is_no_replica() -> None:
    """A dead replica does not stop them."""

    async def scenario() -> None:
        async with impostor(plain) as (primary, heard):
            reply = slots((0, 16383, [node(primary), node(Endpoint("127.0.0.1", 9))]))
            async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (configuration, _):
                await (await SlotRoute(configuration, KEYS, Access(), replica=True).connect()).close()
        assert heard == [["READONLY"], ["INFO", "server"]]

    asyncio.run(scenario())


def test_a_moved_reply_is_followed_once() -> None:
    """The next connection goes where it points, the one after asks the map again."""

    async def scenario() -> None:
        async with impostor(plain) as (old, heard_by_old), impostor(plain) as (new, heard_by_new):
            reply = slots((0, 16383, [node(old)]))
            async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (configuration, _):
                route = SlotRoute(configuration, KEYS, Access())
                route.moved(ErrorReply(f"MOVED 7 {new}"))
                await (await route.connect()).close()
                assert (len(heard_by_old), len(heard_by_new)) == (0, 1)
                await (await route.connect()).close()
                assert (len(heard_by_old), len(heard_by_new)) == (1, 1)

    asyncio.run(scenario())


def test_known_nodes_are_asked_when_the_configuration_endpoint_is_silent() -> None:
    """It may lead to the node that has just died."""

    async def scenario() -> None:
        known: list[Endpoint] = []

        def answer(words: list[str]) -> bytes:
            return slots((0, 16383, [node(known[0])])) if words[0] == "CLUSTER" else plain(words)

        async with impostor(answer) as (primary, _):
            known.append(primary)
            async with impostor(answer) as (configuration, _):
                route = SlotRoute(configuration, KEYS, Access())
                await (await route.connect()).close()
            # The configuration endpoint is gone now.
            await (await route.connect()).close()

    asyncio.run(scenario())


def test_the_map_is_asked_for_again_over_the_same_connection() -> None:
    """While nobody holds the slot: a handshake for each question would be a load on nodes that are well."""

    async def scenario() -> None:
        reply = slots((0, 100, [node(Endpoint("", 6379))]))
        async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (configuration, heard):
            route = SlotRoute(configuration, BEYOND, Access())
            for _ in range(2):
                with pytest.raises(LostError):
                    await route.connect()
            await route.close()
            assert heard == [["INFO", "server"], ["CLUSTER", "SLOTS"], ["CLUSTER", "SLOTS"]]

    asyncio.run(scenario())


def test_a_slot_that_nobody_holds_is_an_error() -> None:
    """A cluster that lost a shard says so."""

    async def scenario() -> None:
        reply = slots((0, 100, [node(Endpoint("", 6379))]))
        async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (configuration, _):
            with pytest.raises(LostError, match=f"no node holds slot {BEYOND.slot}") as caught:
                await SlotRoute(configuration, BEYOND, Access()).connect()
        assert caught.value.kind == "CLUSTERDOWN"

    asyncio.run(scenario())


def test_a_server_without_cluster_mode_is_an_error() -> None:
    """Its own words are kept."""

    async def scenario() -> None:
        error = b"-ERR This instance has cluster support disabled\r\n"
        async with impostor(lambda words: error if words[0] == "CLUSTER" else plain(words)) as (configuration, _):
            with pytest.raises(LostError, match="cluster support disabled"):
                await SlotRoute(configuration, KEYS, Access()).connect()

    asyncio.run(scenario())
