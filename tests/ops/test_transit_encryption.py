"""TLS in steps, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import execution, transit_encryption
from elasticache_kit.ops.inventory import replication_group
from tests.ops.completed import make_group, make_subnet_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@pytest.fixture
def orders(account: Session) -> Session:
    """An account with the group `orders` without TLS, of an engine that may be without."""
    make_group(
        account,
        Engine="redis",
        EngineVersion="7.1",
        CacheSubnetGroupName=make_subnet_group(account),
    )
    return account


def go(account: Session, to: str) -> str:
    """Take a step and return the mode."""
    execution.run(transit_encryption.plan(replication_group(account, "orders"), to), account, lambda _: None)
    return transit_encryption.mode(replication_group(account, "orders"))


def test_from_off_to_preferred_to_required_and_back(orders: Session) -> None:
    """Each a step of its own, and the last one over preferred, too."""
    assert [go(orders, to) for to in ("preferred", "required", "preferred", "off")] == [
        "preferred",
        "required",
        "preferred",
        "off",
    ]


def test_a_step_that_was_taken_is_not_taken_again(orders: Session) -> None:
    """Nothing is left to do."""
    assert transit_encryption.plan(replication_group(orders, "orders"), "off").steps == ()


@pytest.mark.parametrize(("first", "then"), [("off", "required"), ("required", "off")])
def test_two_steps_at_once_are_refused(orders: Session, first: str, then: str) -> None:
    """Clients that had no time to follow would be shut out."""
    for to in ("preferred", "required") if first == "required" else ():
        go(orders, to)

    with pytest.raises(RefusedError, match="preferred"):
        go(orders, then)


def test_an_engine_that_is_too_old_is_refused(account: Session) -> None:
    """Redis OSS 6 takes TLS at its creation only."""
    arguments: dict[str, Any] = {"Engine": "redis", "EngineVersion": "6.2"}
    make_group(account, **arguments, CacheSubnetGroupName=make_subnet_group(account))

    with pytest.raises(RefusedError, match="rg-tls-mode-versions"):
        go(account, "preferred")
