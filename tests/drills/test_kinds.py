"""Each drill in its short form, on one cluster of a local ElastiCache with real engines."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from elasticache_kit.drills import local_fault
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.catalog import DRILLS, Context
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import inventory, session, snapshot
from tests.cli.local import REGION
from tests.drills.place import Place, found, served

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """Serve a cluster of two node groups with a replica each."""
    with served(tmp_path_factory.mktemp("drills")) as place:
        place.local.group(
            "cluster",
            NumNodeGroups=2,
            ReplicasPerNodeGroup=1,
            CacheParameterGroupName="default.valkey9.cluster.on",
            MultiAZEnabled=True,
        )
        yield place


@pytest.mark.parametrize("name", ["node-loss", "az-loss", "partition"])
def test_a_lost_primary_is_replaced_and_the_neighbour_goes_on(place: Place, name: str) -> None:
    """A replica takes over, the group is whole again, and no fault is left."""
    result = place.run(name)

    assert found(result, "promotion").verdict is Verdict.PASSED
    assert found(result, "full redundancy").verdict is Verdict.PASSED
    assert found(result, "client recovery").verdict is Verdict.PASSED
    # Both primaries may be in the zone that loses its power.
    neighbour = [f for f in result.findings if f.node_group == "0002" and f.checker in {"blast radius", "promotion"}]
    assert [f.figures.get("failed", 0) for f in neighbour] == [0]
    assert [f.verdict for f in neighbour] == [Verdict.PASSED]
    assert place.shape() == [("0001", 2), ("0002", 2)]
    assert [fault for fault in local_fault.going_on(place.api) if fault.get("kind") != "kill"] == []


def test_a_rolling_failover_promotes_in_every_node_group(place: Place) -> None:
    """Each has its own moment of the call."""
    result = place.run("rolling-failover")

    place.assert_permitted("rolling-failover")

    assert [found(result, "promotion", name).verdict for name in ("0001", "0002")] == [Verdict.PASSED] * 2
    first, second = (min(e.at for e in result.history.about(Action.FAULT, node_group=n)) for n in ("0001", "0002"))
    assert first < second


def test_a_replica_comes_and_goes_under_load(place: Place) -> None:
    """The group is as before, and no write was lost."""
    result = place.run("scale-out-in")

    place.assert_permitted("scale-out-in")

    assert found(result, "lost acknowledged writes").figures["lost"] == 0
    assert {e.number for e in result.history.about(Action.REDUNDANCY, node_group="0001")} >= {1, 2}
    assert place.shape() == [("0001", 2), ("0002", 2)]


def test_slots_move_to_another_node_group_and_back_under_load(place: Place) -> None:
    """No acknowledged write is lost on the way."""
    result = place.run("reshard")

    place.assert_permitted("reshard")

    for name in ("0001", "0002"):
        assert found(result, "lost acknowledged writes", name).figures["lost"] == 0
        assert found(result, "client recovery", name).verdict is Verdict.PASSED
    assert place.shape() == [("0001", 2), ("0002", 2)]


def test_a_backup_under_load_holds_what_was_acknowledged_before_it(place: Place) -> None:
    """It is restored and read, and both snapshot and restored group are gone afterwards."""
    result = place.run("backup-restore")

    place.assert_permitted("backup-restore")

    backup = found(result, "backup")
    assert backup.verdict is Verdict.PASSED, backup.sentence
    assert int(backup.figures["acknowledged_before"] or 0) > 5
    assert snapshot.observe(place.api) == ()
    assert [name for name in inventory.replication_group_ids(place.api) if name.startswith("drill-")] == []


def test_an_upgrade_under_load_ends_at_the_newest_version(place: Place) -> None:
    """There is no way back, so nothing is on record; a group that is there already is refused."""
    place.local.group("old", EngineVersion="8.1")

    result = place.run("engine-upgrade", "old")

    place.assert_permitted("engine-upgrade")

    assert found(result, "client recovery").verdict is Verdict.PASSED
    group = inventory.replication_group(place.api, "old")
    assert (group.engine_version or "").startswith("9.")
    with pytest.raises(RefusedError, match="there is none newer"):
        DRILLS["engine-upgrade"].fault(place.context(group))


@pytest.mark.parametrize(
    ("name", "instead"), [("node-loss", "failover"), ("az-loss", "FIS"), ("partition", "failover")]
)
def test_on_aws_a_fault_that_it_does_not_offer_is_refused_with_what_it_has(
    place: Place, name: str, instead: str
) -> None:
    """Nothing is broken by other means."""
    aws = session.Session(place.api.ask, place.api.act, REGION, "https://elasticache.us-east-1.amazonaws.com")
    context = place.context(inventory.replication_group(place.api, "cluster"))
    given = Context(
        session=aws, group=context.group, access=Access(), timeout_seconds=1, run_id="run", node_group="0001"
    )

    with pytest.raises(RefusedError, match=f"AWS has no call for the fault .*{instead}"):
        DRILLS[name].fault(given)
