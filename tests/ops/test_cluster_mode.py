"""Cluster mode in steps, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import cluster_mode, execution
from elasticache_kit.ops.inventory import replication_group
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def go(account: Session, to: str, **more: Any) -> tuple[str, str | None]:
    """Take a step and return mode and parameter group."""
    execution.run(cluster_mode.plan(replication_group(account, "orders"), to, **more), account, lambda _: None)
    after = replication_group(account, "orders")
    return after.cluster_mode, after.parameter_group


def test_from_disabled_to_compatible_to_enabled(account: Session) -> None:
    """AWS's own parameter group with cluster mode comes with the first step."""
    make_group(account)

    assert go(account, "compatible") == ("compatible", "default.valkey8.cluster.on")
    assert go(account, "enabled") == ("enabled", "default.valkey8.cluster.on")
    assert replication_group(account, "orders").node_groups[0].slots == "0-16383"


def test_compatible_goes_back(account: Session) -> None:
    """Where clients did not follow."""
    make_group(account)
    go(account, "compatible")

    assert go(account, "disabled") == ("disabled", "default.valkey8")


def test_a_step_that_was_taken_is_not_taken_again(account: Session) -> None:
    """Nothing is left to do."""
    make_sharded(account)

    assert cluster_mode.plan(replication_group(account, "orders"), "enabled").steps == ()


def test_two_steps_at_once_are_refused(account: Session) -> None:
    """Clients must follow in between."""
    make_group(account)

    with pytest.raises(RefusedError, match="rg-cluster-mode-path"):
        go(account, "enabled")


def test_there_is_no_way_back_from_enabled(account: Session) -> None:
    """The notes of the last step say so beforehand."""
    make_sharded(account)

    with pytest.raises(RefusedError, match="cluster mode cannot be left"):
        go(account, "disabled")


def test_a_parameter_group_of_ones_own_must_be_named(account: Session) -> None:
    """Nobody can tell which values it shall have with cluster mode."""
    client: Any = account.act
    for name, enabled in (("mine", "no"), ("mine-on", "yes")):
        client.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="of a test"
        )
        pairs = [{"ParameterName": "cluster-enabled", "ParameterValue": enabled}]
        client.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=pairs)
    make_group(account, CacheParameterGroupName="mine")

    with pytest.raises(RefusedError, match="is your own: name one with cluster-enabled yes"):
        go(account, "compatible")
    assert go(account, "compatible", parameter_group="mine-on") == ("compatible", "mine-on")


def test_without_a_replica_it_is_refused(account: Session) -> None:
    """Mode compatible needs automatic failover."""
    make_group(account, NumCacheClusters=1, AutomaticFailoverEnabled=False, MultiAZEnabled=False)

    with pytest.raises(RefusedError, match="rg-cluster-mode-compatible-needs"):
        go(account, "compatible")
