"""UNKNOWN: what only a deployment knows breaks no rule."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model import (
    auto_scaling,
    cache_cluster,
    global_replication_group,
    replication_group,
    serverless_cache,
    serverless_cache_snapshot,
    snapshot,
    user,
    user_group,
)
from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.parameter import check as check_parameters
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check, check_change
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError, Unknown, known
from elasticache_kit.model.user import UserSpec
from elasticache_kit.model.user_group import UserGroupSpec
from tests.model.case import access as access_case
from tests.model.case import auto_scaling as auto_scaling_case
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import global_replication_group as global_replication_group_case
from tests.model.case import replication_group_option as option_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import serverless_cache_snapshot as serverless_cache_snapshot_case
from tests.model.case import snapshot as snapshot_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elasticache_kit.model.rule import Violation

# Presence is all that matters of it, and a value that nobody knows is there.
NEVER_ABSENT = {"auth_token"}

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


def pool(kind: type, specs: Iterable[object]) -> dict[str, list[object]]:
    """Return the values that each field of a kind of spec has in some specs."""
    found: dict[str, list[object]] = {item.name: [] for item in fields(kind)}
    for spec in specs:
        for name, values in found.items():
            if isinstance(spec, kind) and (value := getattr(spec, name)) is not None and value not in values:
                values.append(value)
    return found


def cases(*tables: dict[str, tuple[Any, Any]]) -> list[object]:
    """Return every spec of some tables."""
    return [spec for table in tables for pair in table.values() for spec in pair]


def changed(table: dict[str, tuple[tuple[Any, Any], tuple[Any, Any]]]) -> list[object]:
    """Return every spec of a table of changes."""
    return [spec for pair in table.values() for change in pair for spec in change]


def drawn(kind: type, values: dict[str, list[object]]) -> st.SearchStrategy[Any]:
    """Return a strategy that makes specs of a kind from values of their fields."""
    return st.builds(kind, **{name: st.sampled_from([None, *found]) for name, found in values.items() if found})


OPTIONS = pool(ReplicationGroupSpec, cases(option_case.CASES, access_case.CASES))
SPECS = st.tuples(
    drawn(ReplicationGroupSpec, {name: [*OPTIONS[name], *VALUES.get(name, [])] for name in OPTIONS}), CONFIGURATIONS
).map(lambda both: replace(both[0], node_group_configuration=both[1]))
HIDDEN = st.sets(st.sampled_from([item.name for item in fields(ReplicationGroupSpec)]))
# Every other kind of spec, with its check and the specs that its rules are tested with.
KINDS: list[tuple[type, Callable[[Any], tuple[Violation, ...]], list[object]]] = [
    (ReplicationGroupSpec, replication_group.check, cases(option_case.CASES, access_case.CASES)),
    (serverless_cache.ServerlessCacheSpec, serverless_cache.check, cases(serverless_cache_case.CASES)),
    (
        serverless_cache_snapshot.ServerlessCacheSnapshotSpec,
        serverless_cache_snapshot.check,
        cases(serverless_cache_snapshot_case.CASES),
    ),
    (cache_cluster.CacheClusterSpec, cache_cluster.check, cases(cache_cluster_case.CASES)),
    (
        global_replication_group.GlobalReplicationGroupSpec,
        global_replication_group.check,
        cases(global_replication_group_case.CASES),
    ),
    (snapshot.SnapshotSpec, snapshot.check, cases(snapshot_case.CASES)),
    (auto_scaling.ScalableTargetSpec, auto_scaling.check, cases(auto_scaling_case.CASES)),
    (UserSpec, user.check, cases(user_case.CASES)),
    (UserGroupSpec, user_group.check, cases(user_group_case.CASES)),
]


CHANGES: list[tuple[type, Callable[[Any, Any], tuple[Violation, ...]], list[object]]] = [
    (
        serverless_cache.ServerlessCacheSpec,
        serverless_cache.check_change,
        [*cases(serverless_cache_case.CASES), *changed(serverless_cache_case.CHANGES)],
    ),
    (
        cache_cluster.CacheClusterSpec,
        cache_cluster.check_change,
        [*cases(cache_cluster_case.CASES), *changed(cache_cluster_case.CHANGES)],
    ),
    (
        global_replication_group.GlobalReplicationGroupSpec,
        global_replication_group.check_change,
        [*cases(global_replication_group_case.CASES), *changed(global_replication_group_case.CHANGES)],
    ),
]


def hide(spec: Any, names: set[str]) -> Any:
    """Return the spec with UNKNOWN in place of some fields."""
    absent = {name for name in NEVER_ABSENT & names if getattr(spec, name) is None}
    return replace(spec, **dict.fromkeys(names - absent, UNKNOWN))


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


@pytest.mark.parametrize(("kind", "check_kind", "specs"), KINDS, ids=[kind.__name__ for kind, _, _ in KINDS])
@given(data=st.data())
def test_unknown_never_breaks_a_rule_of_any_spec(
    kind: type, check_kind: Callable[[Any], tuple[Violation, ...]], specs: list[object], data: st.DataObject
) -> None:
    """The same holds for every other resource: the values are those that its rules are tested with."""
    spec = data.draw(drawn(kind, pool(kind, specs)))
    names = data.draw(st.sets(st.sampled_from([item.name for item in fields(kind)])))

    assert broken(check_kind(hide(spec, names))) <= broken(check_kind(spec))


@pytest.mark.parametrize(("kind", "check_both", "specs"), CHANGES, ids=[kind.__name__ for kind, _, _ in CHANGES])
@given(data=st.data())
def test_unknown_never_breaks_a_rule_of_any_change(
    kind: type, check_both: Callable[[Any, Any], tuple[Violation, ...]], specs: list[object], data: st.DataObject
) -> None:
    """A change of any resource is judged by what is known; one of nothing breaks nothing."""
    made = drawn(kind, pool(kind, specs))
    names = st.sets(st.sampled_from([item.name for item in fields(kind)]))
    old, new = data.draw(made), data.draw(made)
    partly = check_both(hide(old, data.draw(names)), hide(new, data.draw(names)))

    assert broken(partly) <= broken(check_both(old, new))
    assert check_both(old, old) == ()


@pytest.mark.parametrize(("kind", "check_kind"), [(kind, check_kind) for kind, check_kind, _ in KINDS])
def test_a_spec_of_which_nothing_is_known_breaks_nothing(
    kind: type, check_kind: Callable[[Any], tuple[Violation, ...]]
) -> None:
    """A spec of UNKNOWN alone is without fault."""
    assert check_kind(kind(**{item.name: UNKNOWN for item in fields(kind)})) == ()


@given(SPECS)
def test_a_change_of_nothing_is_no_change(spec: ReplicationGroupSpec) -> None:
    """A group that stays as it is breaks no rule of changes."""
    assert check_change(spec, spec) == ()


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
