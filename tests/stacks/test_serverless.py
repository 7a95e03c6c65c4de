"""The stack of a serverless cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import App

from stacks.network import NetworkStack
from stacks.serverless import ServerlessStack
from tests.cdk.linted import linted, only
from tests.stacks.sizes import settings

if TYPE_CHECKING:
    from aws_cdk.assertions import Template


def _template(**changes: Any) -> Template:
    app, sizes = App(), settings(**changes)
    vpc = NetworkStack(app, "network", settings=sizes).vpc
    return linted(ServerlessStack(app, "serverless", settings=sizes, vpc=vpc))


def test_zones_limits_and_backups_are_said() -> None:
    """A reader sees where it is, how large it gets, and what is kept."""
    changes = {"data_storage_maximum": 5, "ecpu_per_second_maximum": 2000, "snapshot_retention_limit": 3}
    properties = only(_template(**changes), "AWS::ElastiCache::ServerlessCache")["Properties"]

    assert len(properties["SubnetIds"]) == 2
    assert properties["CacheUsageLimits"] == {
        "DataStorage": {"Maximum": 5, "Unit": "GB"},
        "ECPUPerSecond": {"Maximum": 2000},
    }
    assert properties["SnapshotRetentionLimit"] == 3
    assert properties["DailySnapshotTime"] == "03:30"
    assert properties["FinalSnapshotName"] == f"{properties['ServerlessCacheName']}-final"


def test_an_application_signs_in_with_iam() -> None:
    """Nobody connects without a user."""
    template = _template()
    cache = only(template, "AWS::ElastiCache::ServerlessCache")["Properties"]

    assert list(cache["UserGroupId"]) == ["Ref"]
    assert only(template, "AWS::ElastiCache::User")["Properties"]["AuthenticationMode"] == {"Type": "iam"}


def test_outputs() -> None:
    """Whoever deploys reads the name and the endpoints."""
    assert set(_template().find_outputs("*")) == {
        "ApplicationUserName",
        "ServerlessCacheName",
        "Endpoint",
        "ReaderEndpoint",
    }
