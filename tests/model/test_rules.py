"""Every rule: one spec that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

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
from elasticache_kit.model.rule import rule_facts
from elasticache_kit.model.rules_page import counts, page, reviewed, unchecked
from tests.model.case import access as access_case
from tests.model.case import auto_scaling as auto_scaling_case
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import global_replication_group as global_replication_group_case
from tests.model.case import parameter_group as parameter_group_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import replication_group_option as replication_group_option_case
from tests.model.case import resource as resource_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import serverless_cache_snapshot as serverless_cache_snapshot_case
from tests.model.case import snapshot as snapshot_case
from tests.model.case import subnet_group as subnet_group_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case
from tests.model.case.table import TABLES, Check, ids

if TYPE_CHECKING:
    from pathlib import Path

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


# Changes of one thing that are told in several properties. Every other case changes one.
SEVERAL_PROPERTIES = {
    "as-cme-only",
    "bk-level",
    "bk-r6gd",
    "group-default-redis",
    "group-members-valkey",
    "mc-azmode-memcached-only",
    "mc-cachecluster-valkey-modify",
    "mc-engine",
    "mc-no-replication",
    "mc-no-single-az-later",
    "pg-family-match",
    "rg-durability-cme",
    "rg-kms-needs-atrest",
    "rg-manual-promotion",
    "rg-multi-shard-needs-cme-parameter-group",
    "rg-scale-in-replicas",
    "rg-slots-for-s3-seed",
    "rg-snapshotting-cluster-cmd-only",
    "rg-tls-enable-two-steps",
    "rg-tls-mode-versions",
    "rg-usergroup-engine-match",
    "sl-public-iam-only",
    "user-iam-not-default",
}

FACTS = {fact["id"]: fact for fact in rule_facts()}
CASES = [
    pytest.param(check, name, *specs, id=name) for check, cases in TABLES.values() for name, specs in cases.items()
]


def differences(one: object, other: object, path: str = "") -> list[str]:
    """Return the properties in which two specs differ."""
    if is_dataclass(one) and type(one) is type(other):
        names = [field.name for field in fields(one)]
        return [
            found for name in names for found in differences(getattr(one, name), getattr(other, name), f"{path}.{name}")
        ]
    if isinstance(one, tuple) and isinstance(other, tuple):
        ones, others = cast("tuple[object, ...]", one), cast("tuple[object, ...]", other)
        if len(ones) == len(others):
            pairs = enumerate(zip(ones, others, strict=True))
            return [found for index, pair in pairs for found in differences(*pair, f"{path}[{index}]")]
    return [] if one == other else [path]


@pytest.mark.parametrize(("check", "rule_id", "broken", "kept"), CASES)
def test_a_spec_that_breaks_a_rule_breaks_that_one_alone(check: Check, rule_id: str, broken: Any, kept: Any) -> None:
    """Nothing else fires but what the rule says that it implies, and all of that does."""
    del kept

    assert ids(check(broken)) - {rule_id} == set(FACTS[rule_id].get("implies", ()))
    assert rule_id in ids(check(broken))


@pytest.mark.parametrize(("check", "rule_id", "broken", "kept"), CASES)
def test_a_spec_that_just_keeps_a_rule_is_not_refused(check: Check, rule_id: str, broken: Any, kept: Any) -> None:
    """The rule says nothing, nor does another but what the rule implies; warnings may be."""
    del broken
    refused = {violation.rule_id for violation in check(kept) if violation.level == "error"}

    assert rule_id not in ids(check(kept))
    assert refused <= set(FACTS[rule_id].get("implies", ()))


@pytest.mark.parametrize(("check", "rule_id", "broken", "kept"), CASES)
def test_the_two_specs_differ_in_one_property(check: Check, rule_id: str, broken: Any, kept: Any) -> None:
    """So it is that property which the rule looks at."""
    del check

    assert (len(differences(broken, kept)) == 1) == (rule_id not in SEVERAL_PROPERTIES)


def test_the_level_of_a_violation_is_that_of_its_rule() -> None:
    """A rule that warns never refuses, whatever else is wrong."""
    for check, cases in TABLES.values():
        for broken, _ in cases.values():
            assert all(found.level == FACTS[found.rule_id]["level"] for found in check(broken))


def test_no_refusal_rests_on_a_guess() -> None:
    """Where one line of the sources is a guess, the rule warns; what is refused has sources for all of it."""
    guessed = [fact for fact in FACTS.values() if any("UNSOURCED" in source for source in fact["source"])]

    assert guessed
    assert {fact["level"] for fact in guessed} == {"warn"}


def test_no_rule_lacks_its_specs() -> None:
    """The tables name every rule of the data, each once."""
    named = {about: sorted(cases) for about, (_, cases) in TABLES.items()}

    assert named == {about: sorted(fact["id"] for fact in rule_facts() if fact["about"] == about) for about in named}
    assert sum(len(names) for names in named.values()) == len(rule_facts())


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


def test_the_page_counts_every_rule_once() -> None:
    """By level; what refuses a change is counted apart."""
    found = counts()

    assert sum(number for levels in found.values() for number in levels.values()) == len(rule_facts())
    assert found["subnet_group"] == {"error": 3, "update-error": 0, "warn": 1}
    assert found["serverless_cache_change"] == {"error": 0, "update-error": 1, "warn": 0}


def test_the_page_of_rules_is_current(pytestconfig: pytest.Config) -> None:
    """docs/rules.md is what the data says; else run `python -m elasticache_kit.model.rules_page > docs/rules.md`."""
    path: Path = pytestconfig.rootpath / "docs" / "rules.md"

    assert path.read_text(encoding="utf-8") == page()
