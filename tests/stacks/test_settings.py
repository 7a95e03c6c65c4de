"""Settings from the context of the CDK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from elasticache_kit.errors import ValidationError
from stacks.settings import Settings

CONTEXT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]

SIZES: dict[str, object] = {
    "stack_prefix": "kit",
    "max_azs": 2,
    "cache_node_type": "cache.t4g.small",
    "num_cache_clusters": 3,
    "num_node_groups": 3,
    "replicas_per_node_group": 1,
    "snapshot_retention_limit": 1,
    "authentication": "none",
    "num_cache_nodes": 2,
    "data_storage_maximum": 1,
    "ecpu_per_second_maximum": 1000,
    "global_primary_region": "eu-west-1",
    "global_secondary_region": "us-east-1",
    "global_cache_node_type": "cache.r7g.large",
    "backup_hour": 3,
    "retained_snapshots": 1,
    "export_expiration_days": 7,
    "backup_copy_region": "none",
    "notification_email": "none",
    "drill_schedule": "none",
}


def _read(context: dict[str, Any]) -> Settings:
    return Settings.from_context(App(context=context).node)


def _mistakes(context: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as error:
        _read(context)
    return str(error.value)


def test_dev_is_the_default() -> None:
    """Whoever names no environment gets the small one."""
    assert _read(CONTEXT) == _read({**CONTEXT, "environment": "dev"})


def test_dev_can_lose_a_node() -> None:
    """Every group of the small environment has a replica, so that a failover has somewhere to go."""
    settings = _read(CONTEXT)

    assert settings.num_cache_clusters >= 2
    assert settings.replicas_per_node_group >= 1


def test_prod_is_larger_and_has_its_own_stacks() -> None:
    """The larger environment can live beside the small one in one account."""
    dev, prod = _read(CONTEXT), _read({**CONTEXT, "environment": "prod"})

    assert prod.environment == "prod"
    assert prod.cache_node_type == "cache.r7g.large"
    assert prod.num_node_groups > dev.num_node_groups
    assert dev.stack_name("network") == "elasticache-kit-network"
    assert prod.stack_name("network") == "elasticache-kit-prod-network"


@pytest.mark.parametrize(("given", "read"), [("5", 5), (5, 5), (5.0, 5), ("0", 0)])
def test_one_setting_is_replaced_on_the_command_line(given: object, read: int) -> None:
    """`-c snapshot_retention_limit=5` replaces what the environment says; the CLI gives every number as text."""
    assert _read({**CONTEXT, "snapshot_retention_limit": given}).snapshot_retention_limit == read


def test_unknown_environment() -> None:
    """The message has the environment asked for and those that there are."""
    assert _mistakes({**CONTEXT, "environment": "staging"}) == (
        "environment 'staging' is not in the context of the CDK: choose one of dev, prod with `-c environment=`, "
        "or add it to `environments` in cdk.json"
    )


def test_no_context_at_all() -> None:
    """Run without the CDK CLI there is no context, and the message says where it comes from."""
    assert _mistakes({}) == (
        "the context of the CDK has no `environments`: they are in cdk.json, which the CDK CLI reads; "
        "run `cdk synth` at the top of the repository"
    )


def test_all_mistakes_at_once() -> None:
    """A missing, an unknown and two wrong settings are named in one message."""
    sizes = {**SIZES, "num_cache_cluster": 3, "num_node_groups": 2.5, "cache_node_type": 4}
    del sizes["num_cache_clusters"]

    assert _mistakes({"environments": {"dev": sizes}}).splitlines() == [
        "the settings of environment 'dev' are wrong (cdk.json, `environments`, or `-c`):",
        "  - cache_node_type must be text, got 4",
        f"  - num_cache_cluster is not a setting; the settings are {', '.join(SIZES)}",
        "  - num_cache_clusters is missing",
        "  - num_node_groups must be a whole number, got 2.5",
    ]


@pytest.mark.parametrize("value", ["many", "-1", True, [], ""])
def test_not_a_number(value: object) -> None:
    """Only a whole number is a size."""
    assert "  - num_node_groups must be a whole number" in _mistakes(
        {"environments": {"dev": {**SIZES, "num_node_groups": value}}}
    )


def test_a_choice_that_there_is_not() -> None:
    """The message has what there is to choose from."""
    assert "  - authentication must be iam or none, got 'ldap'" in _mistakes(
        {"environments": {"dev": {**SIZES, "authentication": "ldap"}}}
    )


def test_environment_that_is_no_mapping() -> None:
    """An environment that holds nothing misses every setting."""
    assert _mistakes({"environments": {"dev": "small"}}).count("is missing") == len(SIZES)
