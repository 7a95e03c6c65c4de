"""The validation plugin in an app: its report, its levels, and how a finding may stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit import __version__
from elasticache_kit.cdk import ElastiCacheValidation, ReplicationGroup, ServerlessCache
from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.model.compliance import rules
from tests.cdk.conftest import isolated_vpc


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app with the plugin."""
    app = App(outdir=str(tmp_path))
    Validations.of(app).add_plugins(ElastiCacheValidation())
    return app


def _report(app: App) -> dict[str, Any]:
    """Synthesize, and return what the plugin has in the CDK's own report."""
    app.synth()
    return _written(app)


def _written(app: App) -> dict[str, Any]:
    reports = json.loads((Path(app.outdir) / "validation-report.json").read_text())["pluginReports"]
    (ours,) = (report for report in reports if report["pluginName"] == "elasticache-kit")
    return ours


def _serverless(stack: Stack) -> elasticache.CfnServerlessCache:
    return elasticache.CfnServerlessCache(stack, "Cache", serverless_cache_name="orders", engine="valkey")


def test_resources_of_the_cdk_itself_are_checked(app: App) -> None:
    """A warning is in the report with its rule, place, remedy and source, and synthesis goes on."""
    _serverless(Stack(app, "Orders"))
    report = _report(app)
    found = {violation["ruleName"]: violation for violation in report["violations"]}

    assert report["pluginVersion"] == __version__
    assert report["conclusion"] == "success"
    assert set(found) == {"serverless-sign-in", "serverless-backup", "serverless-limit"}
    sign_in = found["serverless-sign-in"]
    (construct,) = sign_in["violatingConstructs"]
    assert (sign_in["severity"], construct["constructPath"]) == ("warning", "Orders/Cache")
    assert construct["cloudFormationResource"]["propertyPaths"] == ["Properties.UserGroupId"]
    assert sign_in["suggestedFix"] == "set UserGroupId"
    assert sign_in["ruleMetadata"]["source"] == "UG:Clusters.RBAC"


def test_an_error_ends_the_synthesis(app: App) -> None:
    """An alarm under the dimension that the CDK's own alpha uses never gets a value."""
    stack = Stack(app, "Orders")
    metric = cloudwatch.Metric(
        namespace="AWS/ElastiCache", metric_name="ThrottledCmds", dimensions_map={"ServerlessCacheName": "orders"}
    )
    cloudwatch.Alarm(stack, "Throttled", metric=metric, threshold=0, evaluation_periods=1)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    (violation,) = _written(app)["violations"]
    assert (violation["ruleName"], violation["severity"]) == ("alarm-dimension", "error")
    assert violation["description"] == "ThrottledCmds is published under clusterId, not under ServerlessCacheName"


def test_a_finding_stays_with_a_reason(app: App) -> None:
    """The CDK keeps the reason in the report, and the others are still there."""
    cache = _serverless(Stack(app, "Orders"))
    Validations.of(cache).acknowledge(
        Acknowledgment(id="elasticache-kit::serverless-backup", reason="It can be filled again")
    )
    report = _report(app)
    (suppressed,) = report["suppressedViolations"]

    assert (suppressed["ruleName"], suppressed["reason"]) == ("serverless-backup", "It can be filled again")
    assert {violation["ruleName"] for violation in report["violations"]} == {"serverless-sign-in", "serverless-limit"}


def test_an_error_may_be_acknowledged_too(app: App) -> None:
    """Synthesis goes on then."""
    user = elasticache.CfnUser(
        Stack(app, "Orders"),
        "User",
        user_id="open",
        user_name="open",
        engine="redis",
        access_string="on ~* +get",
        authentication_mode={"Type": "no-password-required"},
    )
    Validations.of(user).acknowledge(Acknowledgment(id="elasticache-kit::user-password", reason="A public quiz"))

    assert _report(app)["violations"] == []


def test_our_own_constructs_have_no_errors(app: App) -> None:
    """Their alarms exist, and what they leave to the app is said."""
    stack = Stack(app, "Orders")
    vpc = isolated_vpc(stack)
    CacheAlarms(stack, "Alarms", cache=ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=3))
    CacheAlarms(stack, "ServerlessAlarms", cache=ServerlessCache(stack, "Serverless", vpc=vpc))
    report = _report(app)

    assert report["conclusion"] == "success"
    assert {violation["ruleName"] for violation in report["violations"]} == {
        "rg-sign-in",
        "rg-log-delivery",
        "serverless-sign-in",
        "serverless-limit",
    }


def test_the_plugin_names_its_rules() -> None:
    """The CDK asks for the ids."""
    assert ElastiCacheValidation().rule_ids == [rule.id for rule in rules()]
