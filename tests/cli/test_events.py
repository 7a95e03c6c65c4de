"""`elasticache-kit events`, in this process and without engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.in_process import invoke
from tests.ops.completed import make_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def test_events_of_a_group_are_those_of_its_nodes_too(account: Session) -> None:
    """As lines, or as a document for each."""
    make_group(account)

    shown, told = invoke("events", "orders"), invoke("events", "orders", "--output", "json")

    assert "orders-001: " in shown.stdout
    assert {json.loads(line)["source_id"].partition("-")[0] for line in told.stdout.splitlines()} == {"orders"}


def test_where_nothing_happened_it_is_said(account: Session) -> None:
    """On standard error, so that a program reads nothing; it is no error, for a new cache has no events."""
    del account

    done = invoke("events", "orders", "carts")

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("there is no event of orders, carts in the last 60 minutes in us-east-1: --minutes")
