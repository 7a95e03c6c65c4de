"""The stacks of replication groups: what each says of zones, parameters, backups and sign-in."""

from __future__ import annotations

import pytest

from tests.stacks.conftest import resources, templates

GROUP = "AWS::ElastiCache::ReplicationGroup"
STACKS = ("replication-group", "sharded-replication-group", "global-datastore-primary")


@pytest.mark.parametrize("name", STACKS)
def test_zones_parameters_and_backups_are_said(name: str) -> None:
    """A reader of the stack need not know the defaults."""
    template = templates()[name]
    (group,) = resources(template, GROUP)
    (parameters,) = resources(template, "AWS::ElastiCache::ParameterGroup")

    assert group["MultiAZEnabled"] is group["AutomaticFailoverEnabled"] is True
    assert group["SnapshotRetentionLimit"] == 1
    assert template["Resources"][group["CacheParameterGroupName"]["Ref"]]["Properties"] == parameters
    assert parameters["Properties"]["maxmemory-policy"] == "allkeys-lru"


@pytest.mark.parametrize("name", [*STACKS, "global-datastore-secondary"])
def test_prod_signs_in_with_iam(name: str) -> None:
    """The larger environment has a user for each cache, the smaller one relies on its security groups."""
    (small,) = resources(templates()[name], GROUP)
    (large,) = resources(templates(environment="prod")[f"prod-{name}"], GROUP)
    (user,) = resources(templates(environment="prod")[f"prod-{name}"], "AWS::ElastiCache::User")

    assert "UserGroupIds" not in small
    assert len(large["UserGroupIds"]) == 1
    assert user["AuthenticationMode"] == {"Type": "iam"}
