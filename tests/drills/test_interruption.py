"""A zone without power by an experiment of AWS FIS, and a reboot, with real engines behind FIS and ElastiCache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.drills import putting_back, record
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.record import Change
from elasticache_kit.errors import RefusedError
from elasticache_kit.model import permission
from elasticache_kit.ops import inventory, target, wait
from elasticache_kit.ops.experiment import RUN_TAG
from tests.cli.local import REGION
from tests.drills.fis import fis, template
from tests.drills.place import Place, found, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.engine, pytest.mark.calm]

ZONES = [f"{REGION}a", f"{REGION}b"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A group `plain` over two zones, which templates are about."""
    with served(tmp_path_factory.mktemp("place")) as made:
        tags = [{"Key": "drill", "Value": "plain"}]
        made.local.group("plain", PreferredCacheClusterAZs=ZONES, MultiAZEnabled=True, Tags=tags)
        yield made


@pytest.fixture(autouse=True)
def at_rest(place: Place) -> None:
    """Begin with a group that is whole."""
    state = target.settled("plain", "at rest", lambda _: True)
    wait.until(lambda: state.look(place.api).reached or None, what=state.text, timeout_seconds=60)


def zone_of(place: Place, role: str) -> str:
    """Return the zone of the primary, or of the replica."""
    group = inventory.replication_group(place.api, "plain")
    return next(member.availability_zone or "" for member in group.members if member.role == role)


def of_template(place: Place, made: str) -> list[Any]:
    """Return the experiments of a template; moto lists those of others, too."""
    listed = fis(place.local).list_experiments(experimentTemplateId=made)["experiments"]
    return [item for item in listed if item["experimentTemplateId"] == made]


def test_an_experiment_takes_the_power_and_a_replica_takes_over(place: Place) -> None:
    """FIS is asked and ends the experiment, the primary is really killed, and the drill sees a promotion."""
    made = template(place.local, zone_of(place, "primary"), "plain")

    result = place.run("az-loss", "plain", fis_template=made, watched=True)

    # An experiment that goes well is not stopped, nor looked for.
    place.assert_permitted("az-loss", without=frozenset({"fis:ListExperiments", "fis:StopExperiment"}))
    assert float(found(result, "promotion").figures["promotion_seconds"] or 0) > 0
    # Whether a write falls into the moment of the promotion is chance; that the connection was lost is not.
    assert any(entry.kind is Kind.FAIL for entry in result.history.about(Action.CONNECT))
    (experiment,) = of_template(place, made)
    assert experiment["state"]["status"] == "completed"
    assert experiment["tags"][RUN_TAG] == result.experiment.run_id


def test_a_template_of_the_zone_of_a_replica_is_refused(place: Place) -> None:
    """The drill is about a primary, and the nodes are asked which one that is."""
    made = template(place.local, zone_of(place, "replica"), "plain")

    with pytest.raises(RefusedError, match=r"the primary of node group 0001 is in .*: fail over, or take a template"):
        place.run("az-loss", "plain", fis_template=made, watched=True)

    assert of_template(place, made) == []


def test_an_experiment_that_fails_is_told(place: Place) -> None:
    """With the reason of FIS."""
    made = template(place.local, zone_of(place, "primary"), "plain", "PT12H")
    going_on: Any = fis(place.local).start_experiment(experimentTemplateId=made, clientToken="first")["experiment"]
    try:
        # The power of this zone is gone already, and nobody can take it twice.
        second: Any = fis(place.local).start_experiment(experimentTemplateId=made, clientToken="second")["experiment"]
    finally:
        fis(place.local).stop_experiment(id=going_on["id"])

    assert second["state"]["status"] == "failed"
    assert second["state"]["reason"]


@pytest.mark.parametrize("known", [True, False], ids=["with its id", "by its tag"])
def test_an_experiment_of_a_drill_that_was_killed_is_stopped(place: Place, known: bool) -> None:
    """Also where the drill died between the call and its note; the power is back then."""
    # A minute of waiting takes a millisecond here, so that twelve hours take longer than the test.
    made = template(place.local, zone_of(place, "primary"), "plain", "PT12H")
    run_id = f"dead-{known}"
    begun: Any = fis(place.local).start_experiment(
        experimentTemplateId=made, clientToken=run_id, tags={RUN_TAG: run_id}
    )["experiment"]
    assert begun["state"]["status"] == "running"
    told: list[str] = []
    what = {"template": made, "run_id": run_id, **({"id": begun["id"]} if known else {})}

    with record.opened(record.scope_of(place.api), "plain", run_id, place.folder) as kept:
        kept.note(Change("experiment", what))
        place.calls.clear()
        whole = putting_back.put_back(kept, place.api, None, told.append)

    assert whole, told
    asked = {call for call in place.calls if call.startswith("fis:")}
    assert asked <= set(permission.actions("drill cleanup"))
    assert asked == {"fis:GetExperiment", "fis:StopExperiment"} | (set() if known else {"fis:ListExperiments"})
    assert fis(place.local).get_experiment(id=begun["id"])["experiment"]["state"]["status"] == "stopped"
    assert place.shape("plain") == [("0001", 2)]


def test_a_primary_is_rebooted_under_load(place: Place) -> None:
    """The node is back; that it was away is seen."""
    result = place.run("reboot", "plain")

    place.assert_permitted("reboot")
    # Whether a write falls into the moment of the promotion is chance; that the connection was lost is not.
    assert any(entry.kind is Kind.FAIL for entry in result.history.about(Action.CONNECT))
    assert place.shape("plain") == [("0001", 2)]
