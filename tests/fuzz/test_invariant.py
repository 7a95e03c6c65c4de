"""Each invariant can fail: a Region that is broken by hand is noticed, and a sound one is not complained of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from botocore.validate import ParamValidator
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets
from tests.fuzz.campaign import Campaign, watched_log
from tests.fuzz.invariant import broken, slots
from tests.fuzz.request import Requests, method, operations, service
from tests.fuzz.seen import Seen, look

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator without engines."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as running:
        yield running


@pytest.fixture(scope="module")
def region(emulator: Emulator) -> Any:
    """The state of a Region with a sharded group, a group with users, and a cluster."""
    client = client_of(emulator.endpoint_url)
    make_subnet_group(client, make_subnets(client, "abc"))
    api = client("elasticache")
    api.create_user(UserId="anna", UserName="anna", Engine="valkey", AccessString="on", Passwords=["p" * 16])
    api.create_user_group(UserGroupId="people", Engine="valkey", UserIds=["anna"])
    make_group(client, **SHARDED, CacheParameterGroupName="default.valkey8.cluster.on", UserGroupIds=["people"])
    available(api)
    backend: Any = elasticache_backends[emulator.account_id]["eu-west-1"]
    return backend.region


@pytest.fixture
def seen(emulator: Emulator, region: Any) -> Callable[[], Seen]:
    """Look at the Region."""
    del region
    client = client_of(emulator.endpoint_url)("elasticache")
    return lambda: look(client, emulator.account_id)


def _describe_users(requests: Requests) -> str:
    del requests
    return "DescribeUsers"


def _shard(region: Any) -> Any:
    return region.replication_groups["orders"].node_groups[0]


DAMAGES: dict[str, tuple[Callable[[Any], tuple[Any, str, Any]], str]] = {
    "slots": (lambda region: (_shard(region), "slots", "0-8190"), "not each of 0-16383 once"),
    "primary": (lambda region: (_shard(region).members[1], "role", "primary"), "has 2 primaries of 2 nodes"),
    "member": (
        lambda region: (_shard(region).members[1], "cache_cluster_id", _shard(region).members[0].cache_cluster_id),
        "and DescribeCacheClusters lists",
    ),
    "status": (lambda region: (region.replication_groups["orders"], "status", "modifying"), "nothing is under way"),
    "users": (lambda region: (region.user_groups["people"], "user_ids", ["anna", "ben"]), "which are not there"),
    "arn": (lambda region: (region.users["anna"], "arn", region.user_groups["people"].arn), "two things have the ARN"),
    "parameters": (
        lambda region: (region.replication_groups["orders"], "parameter_group_name", "gone"),
        "the parameter group gone, which is not there",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_broken_by_hand_is_noticed(seen: Callable[[], Seen], region: Any, damage: str) -> None:
    """Negative controls: sound before, broken in between, sound again."""
    breaks, complaint = DAMAGES[damage]
    assert broken(seen()) == []
    thing, name, value = breaks(region)
    before = getattr(thing, name)

    setattr(thing, name, value)
    complaints = broken(seen())
    setattr(thing, name, before)

    assert any(complaint in item for item in complaints), complaints
    assert broken(seen()) == []


def test_a_defect_ends_a_campaign(emulator: Emulator, region: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: an action that fails is told with the traceback of the log, and with the request."""
    # The first step of this seed is in eu-west-1.
    campaign = Campaign(emulator, 1)
    # What no action expects: a table that is none.
    monkeypatch.setattr(region, "users", None)
    monkeypatch.setattr(Requests, "operation", _describe_users)

    with watched_log() as defects:
        told = campaign.step(defects) or ""

    assert "Traceback" in told
    assert "eu-west-1 DescribeUsers" in told


def test_slots_are_read_as_they_are_written() -> None:
    """Ranges and single slots."""
    assert list(slots("0-2,9")) == [0, 1, 2, 9]


@pytest.mark.parametrize("operation", operations())
def test_a_request_is_valid_for_botocore(operation: str) -> None:
    """Every operation of the model, with all that is required; the same seed makes the same request."""
    names = {"subnet": ["subnet-1"], "topic": ["t"], "offering": ["o"], "arn": ["a"], "service update": ["s"]}
    shape = service().operation_model(operation).input_shape
    made = [Requests(Random(number)).request(operation, names) for number in range(20)]  # noqa: S311 - nothing secret

    assert [ParamValidator().validate(item, shape).generate_report() for item in made] == [""] * len(made)
    assert made[3].keys() == Requests(Random(3)).request(operation, names).keys()  # noqa: S311 - see above
    assert method(operation)
