"""The benchmark of outages measures what it says; how long things take is not tested."""

from __future__ import annotations

import pytest

from benchmarks.cache_outage import Load, database, engine, loads, table


@pytest.mark.engine
@pytest.mark.prove
def test_every_harm_is_done_and_undone() -> None:
    """Nobody gets an error; a harmed cache spares the database nothing, and is used again."""
    with engine() as fleet, database() as place:
        found = loads(fleet, place, 400)
    for flavour in ("threads", "tasks"):
        own = {load.name: load for load in found if load.flavour == flavour}
        assert all(load.reads == 400 for load in own.values())
        for name in ("without the cache", "frozen", "refused", "slow", "full"):
            assert own[name].database_reads == 400
        assert own["with the cache"].database_reads < 400
        assert own["well again"].database_reads < 400


def test_the_table() -> None:
    """It says how much longer the slowest reads took, and how many reads the database is spared."""
    found = [Load("threads", "without", 100, 100, 4, 9, 1.0), Load("threads", "with", 100, 25, 1, 18, 2.0)]
    assert "18.00       2.00" in table(found)
    assert "75% of the database's reads are saved" in table(found)
