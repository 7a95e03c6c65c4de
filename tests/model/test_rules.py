"""Every rule: one spec that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.model import (
    auto_scaling,
    cache_cluster,
    global_replication_group,
    parameter,
    replication_group,
    resource,
    serverless_cache,
    serverless_cache_snapshot,
    snapshot,
    subnet_group,
    user,
    user_group,
)
from elasticache_kit.model.rule import Violation, rule_facts
from elasticache_kit.model.rules_page import page, reviewed, unchecked
from tests.model.case import access as access_case
from tests.model.case import auto_scaling as auto_scaling_case
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import global_replication_group as global_replication_group_case
from tests.model.case import parameter_group as parameter_group_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import replication_group_change as replication_group_change_case
from tests.model.case import replication_group_option as replication_group_option_case
from tests.model.case import resource as resource_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import serverless_cache_snapshot as serverless_cache_snapshot_case
from tests.model.case import snapshot as snapshot_case
from tests.model.case import subnet_group as subnet_group_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Check = Callable[[Any], tuple[Violation, ...]]

TABLES: list[tuple[Check, Mapping[str, tuple[Any, Any]]]] = [
    (replication_group.check, replication_group_case.CASES),
    (replication_group.check, replication_group_option_case.CASES),
    (replication_group.check, access_case.CASES),
    (lambda change: replication_group.check_change(*change), replication_group_change_case.CASES),
    (parameter.check, parameter_group_case.CASES),
    (subnet_group.check, subnet_group_case.CASES),
    (serverless_cache.check, serverless_cache_case.CASES),
    (lambda change: serverless_cache.check_change(*change), serverless_cache_case.CHANGES),
    (serverless_cache_snapshot.check, serverless_cache_snapshot_case.CASES),
    (cache_cluster.check, cache_cluster_case.CASES),
    (lambda change: cache_cluster.check_change(*change), cache_cluster_case.CHANGES),
    (global_replication_group.check, global_replication_group_case.CASES),
    (lambda change: global_replication_group.check_change(*change), global_replication_group_case.CHANGES),
    (snapshot.check, snapshot_case.CASES),
    (auto_scaling.check, auto_scaling_case.CASES),
    (user.check, user_case.CASES),
    (user_group.check, user_group_case.CASES),
    (resource.check, resource_case.CASES),
]
GOOD: list[tuple[Check, Any]] = [
    (replication_group.check, replication_group_case.GROUP),
    (replication_group.check, replication_group_case.SHARDS),
    (replication_group.check, replication_group_case.REDIS),
    (replication_group.check, replication_group_option_case.TIERED),
    (replication_group.check, replication_group_option_case.DURABLE),
    (replication_group.check, replication_group_option_case.SECONDARY),
    (replication_group.check, access_case.WITH_TOKEN),
    (replication_group.check, access_case.WITH_USERS),
    (parameter.check, parameter_group_case.PARAMETERS),
    (subnet_group.check, subnet_group_case.SUBNETS),
    (serverless_cache.check, serverless_cache_case.CACHE),
    (serverless_cache.check, serverless_cache_case.PUBLIC),
    (serverless_cache.check, serverless_cache_case.MEMCACHED),
    (serverless_cache.check, serverless_cache_case.RESTORED),
    (serverless_cache_snapshot.check, serverless_cache_snapshot_case.SNAPSHOT),
    (cache_cluster.check, cache_cluster_case.CLUSTER),
    (cache_cluster.check, cache_cluster_case.REDIS),
    (global_replication_group.check, global_replication_group_case.DATASTORE),
    (snapshot.check, snapshot_case.SNAPSHOT),
    (snapshot.check, snapshot_case.OF_CLUSTER),
    (auto_scaling.check, auto_scaling_case.TARGET),
    (auto_scaling.check, auto_scaling_case.REPLICA_TARGET),
    (auto_scaling.check, auto_scaling_case.MEMCACHED),
    (user.check, user_case.USER),
    (user.check, user_case.IAM),
    (user_group.check, user_group_case.USER_GROUP),
    (resource.check, resource_case.GROUP),
]


def ids(violations: tuple[Violation, ...]) -> set[str]:
    """Return the rules that were broken."""
    return {violation.rule_id for violation in violations}


@pytest.mark.parametrize(
    ("check", "rule_id", "broken", "kept"),
    [pytest.param(check, name, *specs, id=name) for check, cases in TABLES for name, specs in cases.items()],
)
def test_one_spec_breaks_the_rule_and_another_just_keeps_it(check: Check, rule_id: str, broken: Any, kept: Any) -> None:
    """A rule fires for the spec beyond its limit, and not for the one on it."""
    assert rule_id in ids(check(broken))
    assert rule_id not in ids(check(kept))


def test_no_rule_lacks_its_specs() -> None:
    """The tables name every rule of the data, each once."""
    assert sorted(name for _, cases in TABLES for name in cases) == sorted(fact["id"] for fact in rule_facts())


def test_everything_that_was_looked_at_is_a_rule_or_says_why_not() -> None:
    """No fact was lost on the way from the sources to the rules."""
    rules = {fact["id"] for fact in rule_facts()}
    others = {fact["id"] for fact in unchecked()}

    assert len(reviewed()) == len(set(reviewed()))
    assert set(reviewed()) <= rules | others
    assert others <= set(reviewed())
    assert not rules & others


def test_a_fact_that_another_rule_checks_names_it() -> None:
    """The rule is there."""
    rules = {fact["id"] for fact in rule_facts()}
    same = [fact for fact in unchecked() if fact["why"] == "same"]

    assert same
    assert all(fact.get("rule") in rules for fact in same)


@pytest.mark.parametrize(("check", "spec"), GOOD)
def test_a_good_spec_breaks_nothing(check: Check, spec: Any) -> None:
    """What the tables start from is without fault, so that each of them changes one thing."""
    assert check(spec) == ()


def test_a_rule_without_a_source_only_warns() -> None:
    """Nothing is refused for a guess."""
    guesses = [fact for fact in rule_facts() if all(source.startswith("UNSOURCED") for source in fact["source"])]

    assert guesses
    assert {fact["level"] for fact in guesses} == {"warn"}


def test_the_page_of_rules_is_current(pytestconfig: pytest.Config) -> None:
    """docs/rules.md is what the data says; else run `python -m elasticache_kit.model.rules_page > docs/rules.md`."""
    path: Path = pytestconfig.rootpath / "docs" / "rules.md"

    assert path.read_text(encoding="utf-8") == page()
