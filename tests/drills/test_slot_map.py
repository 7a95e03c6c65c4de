"""The slot map, as the nodes tell it."""

from __future__ import annotations

import asyncio

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.slot_map import SlotMap
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import impostor, node, plain, slots


def test_the_slot_map_tells_primary_and_replicas() -> None:
    """An empty address stands for the node that was asked."""

    async def scenario() -> None:
        other = Endpoint("127.0.0.2", 6379)
        reply = slots((0, 100, [node(Endpoint("", 6379)), node(other)]))
        async with impostor(lambda words: reply if words[0] == "CLUSTER" else plain(words)) as (endpoint, _):
            asked = SlotMap(endpoint, 7, Access())
            found = await asked.read()
            await asked.close()
        assert (found.start, found.end) == (0, 100)
        assert found.primary == Endpoint(endpoint.address, 6379)
        assert found.replicas == (other,)

    asyncio.run(scenario())
