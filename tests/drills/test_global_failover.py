"""The drill of a global datastore, on two Regions of a local ElastiCache with real engines, and its checker."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.drills import local_fault, putting_back, record, world
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.global_failover import regions
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.ops import global_datastore, inventory
from elasticache_kit.ops.wait import Clock
from tests.drills.place import Place, found, served
from tests.drills.shard import wait_until
from tests.drills.story import GROUP, Story

if TYPE_CHECKING:
    from elasticache_kit.drills.world import Other

FAR = "eu-west-1"
LAG_SECONDS = 0.2


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """Serve a global datastore: `here` is its primary, `there` its secondary, each with a replica."""
    with served(tmp_path_factory.mktemp("world")) as place:
        place.local.group("here", CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False)
        joined(place, "here", "there", NumCacheClusters=2)
        yield place


def joined(place: Place, here: str, there: str, **shape: Any) -> None:
    """Make a global datastore of a group, and a secondary in the other Region."""
    made: Any = place.api.act.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=here, PrimaryReplicationGroupId=here
    )
    name = made["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    at_rest(place, name, "primary-only")
    far: Any = place.api.elsewhere(FAR).act
    far.create_replication_group(
        ReplicationGroupId=there, ReplicationGroupDescription="of a test", GlobalReplicationGroupId=name, **shape
    )
    at_rest(place, name, "available")
    wait_until(lambda: inventory.replication_group(place.api.elsewhere(FAR), there).status == "available", "it")


def at_rest(place: Place, name: str, status: str) -> None:
    """Wait until a global datastore has a status."""
    wait_until(lambda: global_datastore.observe(place.api, name).status == status, status)


def other(place: Place, here: str = "here") -> Other:
    """Look at the secondary."""
    return world.other(place.api, inventory.replication_group(place.api, here), None)


def roles(place: Place, here: str = "here") -> list[tuple[str, str]]:
    """Return the members with their roles."""
    group = inventory.replication_group(place.api, here)
    seen = global_datastore.observe(place.api, group.global_replication_group_id or "")
    return [(member.replication_group_id, member.role) for member in seen.members]


@pytest.mark.engine
def test_writes_go_to_the_other_region_and_come_back_and_reads_there_show_the_lag(place: Place) -> None:
    """An exchange that was asked for loses nothing; the lag is that of the link; the roles are as before."""
    order = {"kind": "replication-lag", "CacheClusterId": "there-001", "Milliseconds": LAG_SECONDS * 1000}
    fault = local_fault.begin(place.api.elsewhere(FAR), order)
    try:
        result = place.run("global-failover", "here", other=other(place))
    finally:
        local_fault.end(place.api, fault)

    # CloudWatch is asked on AWS alone.
    place.assert_permitted("global-failover", without=frozenset({"cloudwatch:GetMetricData"}))
    told = found(result, "regions")
    assert told.verdict is Verdict.PASSED, told.sentence
    assert [entry.role for entry in result.history.about(Action.REGION)] == [FAR, "us-east-1"]
    assert float(told.figures["lag_max_seconds"] or 0) > LAG_SECONDS * 0.8
    assert told.figures["lost_beyond_the_lag"] == 0
    assert found(result, "lost acknowledged writes").figures["lost"] == 0
    assert found(result, "client recovery").verdict is Verdict.PASSED
    assert {"here-001", "there-001"} <= {entry.member for entry in result.history.about(Action.OBSERVE)}
    assert result.cleaned_up
    assert roles(place) == [("here", "PRIMARY"), ("there", "SECONDARY")]


@pytest.mark.engine
def test_with_cluster_mode_enabled_the_slots_go_and_come_back(place: Place) -> None:
    """Clients ask each Region for its slots: writes follow them there and back, and none is lost."""
    place.local.group(
        "shards-here",
        CacheNodeType="cache.r7g.large",
        AutoMinorVersionUpgrade=False,
        NumNodeGroups=1,
        ReplicasPerNodeGroup=1,
        CacheParameterGroupName="default.valkey9.cluster.on",
    )
    joined(place, "shards-here", "shards-there", ReplicasPerNodeGroup=1)

    result = place.run("global-failover", "shards-here", other=other(place, "shards-here"))

    told = found(result, "regions")
    assert told.verdict is Verdict.PASSED, told.sentence
    assert result.experiment.group.cluster_enabled
    assert [entry.role for entry in result.history.about(Action.REGION)] == [FAR, "us-east-1"]
    assert found(result, "lost acknowledged writes").figures["lost"] == 0
    assert result.cleaned_up
    assert roles(place, "shards-here") == [("shards-here", "PRIMARY"), ("shards-there", "SECONDARY")]


@pytest.mark.engine
def test_a_drill_that_was_interrupted_is_put_back(place: Place) -> None:
    """While the other Region had the writes."""
    group = inventory.replication_group(place.api, "here")

    def never(_seconds: float) -> None:
        if roles(place)[0] == ("there", "PRIMARY"):
            raise KeyboardInterrupt

    with record.opened("here", "here", "run", place.folder) as kept:
        context = replace(place.context(group, "run", kept), other=other(place))
        with pytest.raises(KeyboardInterrupt):
            DRILLS["global-failover"].fault(context).inject("0001", History(), Clock(sleep=never))
        assert [change.kind for change in kept.changes] == ["primary region"]

        assert putting_back.put_back(kept, place.api, Access(), lambda _: None)

    assert roles(place) == [("here", "PRIMARY"), ("there", "SECONDARY")]


ALL = frozenset(range(1, 701))


def story(*, exchanges: int = 2, held: frozenset[int] = ALL) -> Story:
    """Return writes that go to another server at 3 s and back at 6 s, with reads that are 0.2 s behind until then."""
    told = Story()
    number = told.writes(0, 3, node="here")
    for at in range(50, 300, 10):
        told.operation(Action.READ, at / 100 + 0.005, number=at + 1 - 20)
    for called, node, region in ((3.0, "there", FAR), (6.0, "here", "us-east-1"))[:exchanges]:
        told.fault(called)
        told.now = called + 0.9
        told.history.log(Action.REGION, Kind.OK, role=region)
        number = told.writes(called + 1, called + 3, first=number, node=node)
    told.held(set(held))
    return told


def test_writes_that_went_and_came_back_pass_with_the_lag_before_it() -> None:
    """Each way has its own time."""
    told = regions(story().history, GROUP, Limits())

    assert told.verdict is Verdict.PASSED
    assert told.figures["away_seconds"] == pytest.approx(1.001)
    assert told.figures["home_seconds"] == pytest.approx(1.001)
    assert told.figures["lag_p50_seconds"] == pytest.approx(0.2, abs=0.02)
    assert told.sentence.startswith("eu-west-1 took them 1.00 s after the call, us-east-1 took them 1.00 s")


@pytest.mark.parametrize(
    ("told", "verdict", "sentence"),
    [
        (story(held=ALL - {*range(281, 301)}), Verdict.PASSED, "took them"),
        (story(held=ALL - {10}), Verdict.FAILED, "1 lost writes had been acknowledged longer before an exchange"),
        (story(exchanges=1, held=ALL - {*range(501, 701)}), Verdict.PASSED, "eu-west-1 took them"),
        (story(exchanges=0), Verdict.UNKNOWN, "no exchange was asked for"),
    ],
)
def test_losses_beyond_the_lag_fail_and_those_within_it_are_the_lags(
    told: Story, verdict: Verdict, sentence: str
) -> None:
    """Whether those within it are allowed is said by --allow-lost."""
    found = regions(told.history, GROUP, Limits())

    assert (found.verdict, sentence in found.sentence) == (verdict, True), found.sentence


def test_writes_that_do_not_come_back_fail() -> None:
    """Negative control: the second exchange was accepted, and no other server took a write."""
    told = story(exchanges=1)
    told.fault(8)
    told.writes(8, 9, first=701, node="there")

    found = regions(told.history, GROUP, Limits())

    assert found.verdict is Verdict.FAILED
    assert found.sentence.startswith("the writes did not come back")
