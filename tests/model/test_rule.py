"""Rules, violations and the text that people read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.replication_group import RULES, NodeGroupSpec, ReplicationGroupSpec, check
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, describe, join, refuse
from elasticache_kit.model.unknown import UNKNOWN, known

if TYPE_CHECKING:
    from collections.abc import Iterator

LONELY = ReplicationGroupSpec(
    cache_node_type="cache.t4g.small",
    replication_group_description="Orders",
    engine="redis",
    num_cache_clusters=1,
    automatic_failover_enabled=True,
    port=80,
)
VIOLATION = Violation(
    rule_id="x",
    level="error",
    property="port",
    value=80,
    message="it is low",
    remedy="raise it",
    source=("RFC",),
    aws_code=None,
    aws_message=None,
)


def test_all_violations_come_at_once_errors_first() -> None:
    """One deployment shows every mistake."""
    found = check(replace(LONELY, num_node_groups=0, port=80, cache_node_type="small"))

    assert [violation.level for violation in found] == sorted(violation.level for violation in found)
    assert {violation.rule_id for violation in found} >= {
        "rg-failover-needs-replica",
        "rg-num-node-groups-range",
        "rg-node-type-exists",
        "rg-port-range",
    }


def test_a_violation_knows_what_aws_says() -> None:
    """The emulator answers with it."""
    violation = check(LONELY)[0]

    assert violation.rule_id == "rg-failover-needs-replica"
    assert violation.aws_code == "InvalidParameterCombination"
    assert violation.aws_message is not None
    assert "at least 2 cache clusters" in violation.aws_message
    assert any(source.startswith("API:") for source in violation.source)


def test_a_finding_may_bring_its_own_sentence_of_aws() -> None:
    """One that names the values at hand."""
    spec = replace(LONELY, engine_version="7.1", cache_parameter_group_name="default.redis6.x")
    found = next(violation for violation in check(spec) if violation.rule_id == "pg-family-match")

    assert found.aws_code == "InvalidParameterCombination"
    assert found.aws_message == "Expected a parameter group of family redis7 but found one of family redis6.x"


def test_the_text_says_what_is_wrong_what_is_allowed_and_what_to_do() -> None:
    """Two lines for each violation, under the name of the subject."""
    assert describe("Stack/Orders", check(LONELY)).splitlines() == [
        "Stack/Orders: 1 problem, 1 warning",
        "  num_cache_clusters = 1: automatic failover needs at least 2 nodes",
        "    set num_cache_clusters to 2 or more, or automatic_failover_enabled=False   [rg-failover-needs-replica]",
        "  warning: port = 80: ElastiCache is said to take 1150 to 65535 only",
        "    take 6379, or leave it out   [rg-port-range]",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "port is not given: "),
        ("80", "port = '80': "),
        (("a", "b"), "port = ('a', 'b'): "),
        ((1, "b"), "port = (1, 'b'): "),
        ((NodeGroupSpec(), NodeGroupSpec()), "port = (2 entries): "),
        (Engine.VALKEY, "port = 'valkey': "),
        ("x" * 100, f"port = '{'x' * 56}...: "),
    ],
)
def test_values_are_shown_short(value: object, shown: str) -> None:
    """A value that was left out reads as such, a long one is cut."""
    assert describe("Orders", [replace(VIOLATION, value=value)]).splitlines()[1].strip().startswith(shown)


@pytest.mark.parametrize(
    ("violations", "count"),
    [
        ([], "Orders: no problems"),
        ([VIOLATION], "Orders: 1 problem"),
        ([VIOLATION, VIOLATION], "Orders: 2 problems"),
        ([replace(VIOLATION, level="warn")] * 2, "Orders: 2 warnings"),
    ],
)
def test_the_text_counts(violations: list[Violation], count: str) -> None:
    """One and several read right."""
    assert describe("Orders", violations).splitlines()[0] == count


def test_errors_are_refused_with_all_that_was_found() -> None:
    """The message is the whole text."""
    with pytest.raises(ValidationError) as caught:
        refuse("Stack/Orders", check(LONELY))

    assert str(caught.value) == describe("Stack/Orders", check(LONELY))


def test_warnings_are_handed_back() -> None:
    """They refuse nothing."""
    warnings = check(replace(LONELY, num_cache_clusters=2))

    assert refuse("Stack/Orders", warnings) == warnings
    assert [warning.level for warning in warnings] == ["warn"]


def test_a_rule_keeps_what_it_found_before_it_met_unknown() -> None:
    """A rule that looks at several things says what it can."""

    def check_each(ports: tuple[object, ...]) -> Iterator[Finding]:
        for port in ports:
            if known(port) == 0:
                yield Finding("port", port, "it is 0", "raise it")

    rule = Rule("x", ("RFC",), "error", "Ports are not 0.", None, None, check_each)

    assert len(apply([rule], (0, UNKNOWN, 0))) == 1


def test_rules_and_data_must_match() -> None:
    """A check without a text does not get in, nor a text without a check."""

    def nothing(_: object) -> Iterator[Finding]:
        yield from ()

    with pytest.raises(
        AssertionError, match="sg-description-required, sg-name, sg-subnets-quota, sg-subnets-required, x"
    ):
        join("subnet_group", {"x": nothing})


def test_ids_are_unique() -> None:
    """An id names one rule."""
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_texts_are_one_sentence(rule: Rule[ReplicationGroupSpec]) -> None:
    """What a rule asks reads as a sentence."""
    assert rule.what[0].isupper() or rule.what.startswith("r6gd")
    assert rule.what.endswith(".")
    assert "\n" not in rule.what
