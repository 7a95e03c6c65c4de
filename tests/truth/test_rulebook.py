"""The rulebook against oracles that we did not write; and false rules, planted, that the oracles find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from elasticache_kit.model.replication_group import RULES, NodeGroupSpec, ReplicationGroupSpec, check
from elasticache_kit.model.rule import Finding, Rule
from tests.cfn_lint import lint
from tests.model.case.replication_group import GROUP, SHARDS
from tests.property import replication_group as good_replication_group
from tests.property.depth import each
from tests.truth.oracle import DISPUTED, SINCE, TYPE, disagreements, examples, field, schema, spec_of

Rules = tuple[Rule[ReplicationGroupSpec], ...]

# One of each cluster mode, of what is required alone.
GOOD = (GROUP, SHARDS)


def rule(rule_id: str) -> Rule[ReplicationGroupSpec]:
    """Return a rule of the book."""
    return next(item for item in RULES if item.id == rule_id)


def planted(false: Rule[ReplicationGroupSpec]) -> Rules:
    """Return the book with a false rule in place of the one of its name, or after all others."""
    others = tuple(item for item in RULES if item.id != false.id)
    return (*others, false)


def ranged(rule_id: str, name: str, low: int, high: int) -> Rules:
    """Plant a range."""

    def check(spec: ReplicationGroupSpec) -> Iterator[Finding]:
        value = getattr(spec, name)
        if isinstance(value, int) and not low <= value <= high:
            yield Finding(name, value, "it is out of range", "take another")

    return planted(replace(rule(rule_id), check=check))


def valued(rule_id: str, name: str, *values: str) -> Rules:
    """Plant an enumeration."""

    def check(spec: ReplicationGroupSpec) -> Iterator[Finding]:
        if getattr(spec, name) not in (None, *values):
            yield Finding(name, getattr(spec, name), "it is no such value", "take another")

    return planted(replace(rule(rule_id), check=check))


def required(name: str) -> Rules:
    """Plant a rule that a property must be there."""

    def check(spec: ReplicationGroupSpec) -> Iterator[Finding]:
        if getattr(spec, name) is None:
            yield Finding(name, None, "it is missing", "give it")

    return planted(replace(rule("rg-port"), id=f"rg-{name}-planted", check=check))


def without(rule_id: str) -> Rules:
    """Tear a rule out."""
    return tuple(item for item in RULES if item.id != rule_id)


PLANTS: dict[str, Rules] = {
    "a limit one too high": ranged("rg-num-cache-clusters-range", "num_cache_clusters", 1, 7),
    "a limit one too low": ranged("rg-num-cache-clusters-range", "num_cache_clusters", 1, 5),
    "a lower limit one too high": ranged("rg-replicas-range", "replicas_per_node_group", 1, 5),
    "replicas one too many": ranged("rg-replicas-range", "replicas_per_node_group", 0, 6),
    "a value missing": valued("rg-network-values", "network_type", "ipv4", "ipv6"),
    "another value missing": valued("rg-durability-values", "durability", "default", "sync", "disabled"),
    "a value too many": valued("rg-tls-mode-values", "transit_encryption_mode", "preferred", "required", "surprise"),
    "a required that is not": required("snapshot_window"),
    "a required that is not, in an example of AWS": required("kms_key_id"),
    "a required that is forgotten": without("rg-description-required"),
}


def test_no_oracle_says_otherwise() -> None:
    """The book agrees with botocore's shapes and examples, and with the provider schema."""
    assert disagreements(RULES, GOOD) == []


@pytest.mark.parametrize("rules", PLANTS.values(), ids=PLANTS.keys())
def test_a_false_rule_is_found(rules: Rules) -> None:
    """Each planted mistake is told by an oracle."""
    assert disagreements(rules, GOOD) != []


def test_what_is_disputed_is_so_still() -> None:
    """An excuse that no example needs any more is taken away."""
    needed = {item.rule_id for request in examples() for item in check(spec_of(request)) if item.level == "error"}

    assert SINCE.keys() | DISPUTED.keys() == needed


def test_the_oracles_have_something_to_say() -> None:
    """Their data was found, else they would agree with anything."""
    assert len(examples()) >= 2
    assert {"NumCacheClusters", "ReplicasPerNodeGroup"} <= {
        name for name, about in schema()["properties"].items() if "maximum" in about
    }


def test_what_the_book_accepts_the_provider_schema_accepts() -> None:
    """Forty specs without a violation, as CloudFormation: cfn-lint has no error."""
    specs: list[ReplicationGroupSpec] = []
    each(40, good_replication_group.good(), specs.append)

    named = [replace(spec, replication_group_id=f"group-{number}") for number, spec in enumerate(specs)]
    resources = {f"Group{index}": {"Type": TYPE, "Properties": properties(spec)} for index, spec in enumerate(named)}
    found = lint(json.dumps({"Resources": resources}), regions=["us-east-1"])

    assert [str(match) for match in found if match.rule.severity == "error"] == []


def properties(spec: ReplicationGroupSpec) -> dict[str, Any]:
    """Return a spec as properties, by the names of the schema."""
    return {
        name: _plain(value)
        for name in schema()["properties"]
        if (value := getattr(spec, field(name), None)) is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[Any, ...]", value)]
    if not isinstance(value, NodeGroupSpec):
        return value
    members = ("NodeGroupId", "Slots", "PrimaryAvailabilityZone", "ReplicaAvailabilityZones", "ReplicaCount")
    told = {name: _plain(getattr(value, field(name))) for name in members}
    return {name: item for name, item in told.items() if item is not None}
