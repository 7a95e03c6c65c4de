"""UNKNOWN: what only a deployment knows breaks no rule."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.parameter import check as check_parameters
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check, check_change
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError, Unknown, known

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation

# Good and bad values of every field.
VALUES: dict[str, list[object]] = {
    "replication_group_id": ["orders", "-"],
    "replication_group_description": ["Orders", "x" * 256],
    "engine": ["valkey", "redis", "memcached"],
    "engine_version": ["9.0", "8.1", "7.1", "6.x", "6.2.6", "5.0.6", "3.2.4", "new"],
    "cache_node_type": ["cache.t4g.small", "cache.t1.micro", "cache.r6gd.xlarge", "cache.r99.large", "small"],
    "cache_parameter_group_name": ["default.valkey9", "default.redis7.cluster.on", "default.none", "ours"],
    "num_cache_clusters": [0, 1, 2, 6, 7],
    "num_node_groups": [0, 1, 2, 91, 501],
    "replicas_per_node_group": [0, 1, 5, 6],
    "cluster_mode": ["disabled", "compatible", "enabled", "on"],
    "automatic_failover_enabled": [True, False],
    "multi_az_enabled": [True, False],
    "cache_subnet_group_name": ["private"],
    "preferred_cache_cluster_azs": [("a",), ("a", "b"), ("c", "c")],
    "transit_encryption_enabled": [True, False],
    "transit_encryption_mode": ["preferred", "required", "on"],
    "at_rest_encryption_enabled": [True, False],
    "kms_key_id": ["key"],
    "port": [0, 80, 6379],
    "snapshot_retention_limit": [0, 1, 36],
    "snapshot_window": ["05:00-06:00", "05:00-05:01", "5-6"],
    "preferred_maintenance_window": ["sun:05:00-sun:06:00", "sun"],
    "auto_minor_version_upgrade": [True, False],
    "security_group_ids": [("sg-1",)],
    "subnet_zones": [("a",), ("a", "b")],
    "parameter_group_cluster_enabled": [True, False],
    "parameter_group_family": ["valkey9", "redis7"],
}

NODE_GROUPS = st.builds(
    NodeGroupSpec,
    node_group_id=st.sampled_from([None, UNKNOWN, "1", "0001", "12345"]),
    slots=st.sampled_from([None, UNKNOWN, "0-8191", "8192-16383", "0-16384", "all"]),
    primary_availability_zone=st.sampled_from([None, UNKNOWN, "a", "c"]),
    replica_availability_zones=st.sampled_from([None, UNKNOWN, ("a",), ("b", "c")]),
    replica_count=st.sampled_from([None, UNKNOWN, 0, 1, 6]),
)
CONFIGURATIONS = st.none() | st.lists(NODE_GROUPS, max_size=3).map(tuple)
SPECS = st.tuples(
    st.fixed_dictionaries({name: st.sampled_from([None, *values]) for name, values in VALUES.items()}), CONFIGURATIONS
).map(lambda drawn: replace(ReplicationGroupSpec(node_group_configuration=drawn[1]), **drawn[0]))
HIDDEN = st.sets(st.sampled_from([item.name for item in fields(ReplicationGroupSpec)]))


def hide(spec: ReplicationGroupSpec, names: set[str]) -> ReplicationGroupSpec:
    """Return the spec with UNKNOWN in place of some fields."""
    return replace(spec, **dict.fromkeys(names, UNKNOWN))


def broken(violations: tuple[Violation, ...]) -> set[tuple[str, str]]:
    """Return which rules were broken, and by which properties."""
    return {(violation.rule_id, violation.property.split("[")[0]) for violation in violations}


@given(SPECS, HIDDEN)
def test_unknown_never_breaks_a_rule(spec: ReplicationGroupSpec, names: set[str]) -> None:
    """With some values hidden, no rule says anything that it does not say of the whole spec."""
    assert broken(check(hide(spec, names))) <= broken(check(spec))


@given(SPECS, SPECS, HIDDEN, HIDDEN)
def test_unknown_never_breaks_a_rule_of_changes(
    old: ReplicationGroupSpec, new: ReplicationGroupSpec, hidden_old: set[str], hidden_new: set[str]
) -> None:
    """The same holds for a change, whichever side the values are hidden on."""
    partly = check_change(hide(old, hidden_old), hide(new, hidden_new))

    assert broken(partly) <= broken(check_change(old, new))


@given(SPECS)
def test_a_change_of_nothing_is_no_change(spec: ReplicationGroupSpec) -> None:
    """A group that stays as it is breaks no rule of changes."""
    assert check_change(spec, spec) == ()


def test_a_group_of_which_nothing_is_known_breaks_nothing() -> None:
    """A spec of UNKNOWN alone is without fault."""
    everything = {item.name for item in fields(ReplicationGroupSpec)}

    assert check(hide(ReplicationGroupSpec(), everything)) == ()


def test_a_parameter_of_unknown_value_is_still_looked_up_by_name() -> None:
    """An unknown value is not checked, an unknown name is."""
    spec = ParameterGroupSpec(
        cache_parameter_group_family="valkey9",
        description=UNKNOWN,
        parameters={"timeout": UNKNOWN, "timeouts": UNKNOWN},
    )

    assert [violation.property for violation in check_parameters(spec)] == ["timeouts"]


def test_known_hands_out_what_is_known() -> None:
    """None is a value like any other; UNKNOWN is none."""
    assert known(None) is None
    with pytest.raises(UndecidedError):
        known(UNKNOWN)


def test_unknown_reads_as_what_it_is() -> None:
    """The text of UNKNOWN is short enough for a message."""
    assert repr(UNKNOWN) == "UNKNOWN"
    assert isinstance(UNKNOWN, Unknown)
