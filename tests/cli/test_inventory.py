"""`elasticache-kit inventory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.in_process import document, invoke
from tests.ops.completed import make_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def test_the_tree_shows_nodes_with_roles_and_zones(account: Session) -> None:
    """And below it what to look at."""
    make_group(account)

    lines = invoke("inventory").stdout.splitlines()

    assert lines[:6] == [
        "us-east-1",
        "  orders  valkey 8.1, cache.m7g.large, cluster mode disabled, available",
        "    no TLS, encrypted at rest, no backups, automatic failover enabled, Multi-AZ enabled",
        "    node group 0001  available",
        "      primary orders-001  us-east-1a  available",
        "      replica orders-002  us-east-1b  available",
    ]
    assert "  risk: orders: clients use no TLS; turn it on: tls --to preferred   [no-tls]" in lines


def test_strict_fails_where_a_risk_is_found(account: Session) -> None:
    """A pipeline can hold on to it."""
    empty = invoke("inventory", "--strict").exit_code
    make_group(account)

    assert (empty, invoke("inventory", "--strict").exit_code, invoke("inventory").exit_code) == (0, 1, 0)


def test_programs_read_the_same(account: Session) -> None:
    """One document with Regions, groups and findings."""
    make_group(account)

    (region,) = document("inventory")["regions"]

    assert region["replication_groups"][0]["node_groups"][0]["members"][0]["role"] == "primary"
    assert {"no-tls", "no-backup"} <= {item["rule"] for item in region["findings"]}


def test_of_all_regions_those_with_caches_are_shown(account: Session) -> None:
    """Thirty empty ones would hide them."""
    make_group(account.elsewhere("eu-west-1"), "far")

    shown = invoke("inventory", "--all-regions").stdout

    assert [line for line in shown.splitlines() if not line.startswith(" ")] == ["eu-west-1"]
