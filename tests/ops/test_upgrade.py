"""Upgrading the engine, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.ops import execution, parameter_group, upgrade
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Call, Plan
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

VALKEY = EngineVersion.of("valkey", "8.1")


def old(account: Session, **more: Any) -> ReplicationGroup:
    """Make a group of Redis OSS."""
    make_group(account, **{"Engine": "redis", "EngineVersion": "7.1", **more})
    return replication_group(account, "orders")


def own_parameters(account: Session, **values: str) -> str:
    """Make a parameter group of Redis OSS 7 with values."""
    client: Any = account.act
    client.create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="redis7", Description="of a test"
    )
    pairs = [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]
    client.modify_cache_parameter_group(CacheParameterGroupName="mine", ParameterNameValues=pairs)
    return "mine"


def plan(account: Session, group: ReplicationGroup, version: EngineVersion = VALKEY, **more: Any) -> Plan:
    """Plan an upgrade."""
    return upgrade.plan(group, version, parameter_group.find(account, group.parameter_group or ""), **more)


def run(account: Session, planned: Plan) -> ReplicationGroup:
    """Run a plan and observe the group."""
    execution.run(planned, account, lambda _: None)
    return replication_group(account, "orders")


def test_redis_becomes_valkey_and_the_parameter_group_follows(account: Session) -> None:
    """AWS's own where the group has AWS's own; a second plan has nothing left to do."""
    after = run(account, plan(account, old(account)))

    assert (after.engine, {member.engine_version for member in after.members}) == ("valkey", {"8.1"})
    assert after.parameter_group == "default.valkey8"
    assert plan(account, after).steps == ()


def test_cluster_mode_keeps_its_parameter_group(account: Session) -> None:
    """The one of the new family with cluster mode."""
    make_sharded(account, Engine="redis", EngineVersion="7.1", CacheParameterGroupName="default.redis7.cluster.on")

    after = run(account, plan(account, replication_group(account, "orders")))

    assert after.parameter_group == "default.valkey8.cluster.on"


def test_values_of_ones_own_are_carried_over(account: Session) -> None:
    """Into a new parameter group of the new family."""
    group = old(account, CacheParameterGroupName=own_parameters(account, timeout="20", maxmemory_policy="noeviction"))

    after = run(account, plan(account, group))

    assert after.parameter_group == "mine-valkey8"
    made = parameter_group.named(account, "mine-valkey8")
    assert (made.family, dict(made.values)) == ("valkey8", {"timeout": "20", "maxmemory-policy": "noeviction"})


def test_an_upgrade_that_was_interrupted_makes_no_second_parameter_group(account: Session) -> None:
    """What is there is passed over."""
    group = old(account, CacheParameterGroupName=own_parameters(account, timeout="20"))
    planned = plan(account, group)
    for step in planned.steps[:2]:
        execution.run(Plan("a part", (step,)), account, lambda _: None)
    moments: list[str] = []

    execution.run(planned, account, lambda notice: moments.append(notice.moment))

    assert moments[:2] == ["skipped", "skipped"]
    assert replication_group(account, "orders").parameter_group == "mine-valkey8"


def test_a_parameter_group_that_is_named_is_taken(account: Session) -> None:
    """Nothing is made then."""
    planned = plan(account, old(account), name="default.valkey8")

    assert [step.operation for step in planned.steps if isinstance(step, Call)] == ["ModifyReplicationGroup"]


def test_within_a_family_the_parameter_group_stays(account: Session) -> None:
    """It is not named in the call."""
    make_group(account, EngineVersion="8.0")

    (call, _) = plan(account, replication_group(account, "orders")).steps

    assert isinstance(call, Call)
    assert "CacheParameterGroupName" not in dict(call.parameters)


@pytest.mark.parametrize("version", [("valkey", "8.0"), ("redis", "7.1")])
def test_an_older_version_is_refused(account: Session, version: tuple[str, str]) -> None:
    """Also the way back to Redis OSS from a version that has none."""
    make_group(account)

    with pytest.raises(RefusedError, match="rg-engine-downgrade"):
        plan(account, replication_group(account, "orders"), EngineVersion.of(*version))
