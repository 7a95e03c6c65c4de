"""Every rule over the wire: the spec that breaks it is refused with AWS's code, the one that just keeps it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model.rule import Subject, Violation, rule_facts
from tests.emulator.members import HOME, Wire
from tests.emulator.request_of import FAMILIES, NOT_YET
from tests.emulator.wire import client_of, make_subnets
from tests.model.case.table import TABLES

# What the rulebook lets pass, and something stops that the specs name and that is not there.
ELSEWHERE = {"GlobalReplicationGroupNotFoundFault", "NodeQuotaForCustomerExceeded", "SnapshotNotFoundFault"}
# What a spec names is made under a name that nothing has.
SOMEBODY = re.compile(r"(the user|the replication group) '[^']*'")
CODES = {fact["aws_code"] for fact in rule_facts() if fact["aws_code"]}
NO_OBJECT = "SnapshotArns: there is no object"
FACTS = {fact["id"]: fact for fact in rule_facts()}


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One emulator without engines for all rules, and a client that leaves every check to it."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:

        @cache
        def client(service: str, region: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=emulator.endpoint_url,
                region_name=region,
                aws_access_key_id="ELASTICACHEKITLOCAL0",
                aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            )

        @cache
        def subnets(region: str) -> dict[str, str]:
            made = make_subnets(client_of(emulator.endpoint_url, region), "ab")
            client("elasticache", region).create_cache_subnet_group(
                CacheSubnetGroupName="private", CacheSubnetGroupDescription="d", SubnetIds=made
            )
            return dict(zip("ab", made, strict=True))

        subnets(HOME)
        yield Wire(client, subnets, client("elasticache", HOME))


def cases(*, reachable: bool) -> list[Any]:
    """Return the rules of the families that there are, those that a request can break or the others."""
    return [
        pytest.param(subject, name, *specs, id=name)
        for subject, family in FAMILIES.items()
        for name, specs in TABLES[subject][1].items()
        if (name not in family.unreachable) == reachable
    ]


def answer(ask: Callable[[], object]) -> tuple[str | None, str]:
    """Return the code and the sentence of an error, None where there is none."""
    try:
        ask()
    except ClientError as error:
        said: Any = error.response
        # Specs name zones by letters.
        return said["Error"]["Code"], SOMEBODY.sub(r"\1", said["Error"]["Message"].replace(HOME, ""))
    return None, ""


def text(violation: Violation) -> str:
    """Return what the emulator says of a violation."""
    return SOMEBODY.sub(r"\1", violation.aws_message or violation.message)


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases(reachable=True))
def test_a_request_that_breaks_a_rule(wire: Wire, subject: Subject, rule_id: str, broken: Any, kept: Any) -> None:
    """An error is answered with the code that AWS is known to answer with; what is only warned of is not refused."""
    del kept
    found = TABLES[subject][0](broken)
    (violation, *_) = [item for item in found if item.rule_id == rule_id]
    code, message = answer(lambda: FAMILIES[subject].ask(wire, broken))

    if violation.level == "error":
        # Where nobody knows the code of the rule, another that the same request breaks gives it.
        (expected, *_) = [*(item.aws_code for item in found if item.aws_code), FAMILIES[subject].code]
        assert code == expected or (expected == FAMILIES[subject].code and code in CODES)
        assert text(violation) in message
    else:
        assert code is None or code in ELSEWHERE or NOT_YET in message or NO_OBJECT in message


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases(reachable=True))
def test_a_request_that_just_keeps_a_rule(wire: Wire, subject: Subject, rule_id: str, broken: Any, kept: Any) -> None:
    """It is taken, unless the emulator cannot do it yet, or the rule implies another that refuses it."""
    del broken
    implied = [text(found) for found in TABLES[subject][0](kept) if found.level == "error"]
    code, message = answer(lambda: FAMILIES[subject].ask(wire, kept))

    assert implied == [] or FACTS[rule_id].get("implies")
    stopped = code in ELSEWHERE or NOT_YET in message or NO_OBJECT in message
    assert code is None or stopped or any(item in message for item in implied)


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases(reachable=False))
def test_what_no_request_can_break_yet(wire: Wire, subject: Subject, rule_id: str, broken: Any, kept: Any) -> None:
    """The emulator says that it cannot do it yet, or another rule speaks first; so the entry goes when it can."""
    del kept
    (violation, *_) = [found for found in TABLES[subject][0](broken) if found.rule_id == rule_id]
    code, message = answer(lambda: FAMILIES[subject].ask(wire, broken))

    assert text(violation) not in message, f"it is refused now: take {rule_id} out of FAMILIES"
    if FAMILIES[subject].unreachable[rule_id] == NOT_YET:
        assert code is not None, f"the emulator can do it now: take {rule_id} out of FAMILIES"
        assert NOT_YET in message, message


def test_entries_are_of_rules_that_there_are() -> None:
    """No exception outlives its rule; only of the form of a template does no request tell."""
    assert FAMILIES.keys() | {"resource"} == TABLES.keys()
    for subject, family in FAMILIES.items():
        assert family.unreachable.keys() <= TABLES[subject][1].keys()
