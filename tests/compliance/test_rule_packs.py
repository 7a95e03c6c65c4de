"""Rule packs over every stack of this repository: cdk-nag's AwsSolutions, HIPAA and NIST, checkov, and ours.

They share a file because they share the synthesis. checkov pins more than fits beside what we need, so it lives in an
environment of its own, which `make checkov` makes.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_elasticache as elasticache

from tests.compliance.assembly import ENVIRONMENTS, repository, synthesize

# What the CDK says of its own schemas, which the library answers where they are behind; no pack of ours.
SCHEMAS = "CloudFormation-Validate::"
LONGEST_REASON = 120
CHECKOV = Path(__file__).parents[2] / ".cache" / "checkov" / "bin" / "checkov"

needs_checkov = pytest.mark.skipif(not CHECKOV.is_file(), reason="checkov is not installed: run `make checkov`")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_finding_is_acknowledged(environment: str) -> None:
    """There is none that nobody answered."""
    assert repository(environment).open == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_acknowledgement_has_a_reason(environment: str) -> None:
    """A sentence of some words, not a mark."""
    reasons = {finding.reason or "" for finding in repository(environment).findings}

    assert all(len(reason.split()) >= 4 and len(reason) <= LONGEST_REASON for reason in reasons), reasons


def test_no_acknowledgement_outlives_its_finding() -> None:
    """What is acknowledged is found by some pack in some environment, else it goes."""
    assemblies = [repository(environment) for environment in ENVIRONMENTS]
    found = {finding.rule.split("-", 1)[-1] for assembly in assemblies for finding in assembly.findings}
    acknowledged = {rule for assembly in assemblies for rule in assembly.acknowledged if not rule.startswith(SCHEMAS)}

    assert {rule for rule in acknowledged if rule.split("::", 1)[1].split("-", 1)[-1] not in found} == set()


def test_every_pack_looked() -> None:
    """A pack that found nothing at all would prove nothing."""
    assert {finding.pack for finding in repository("dev").findings} == {
        "AwsSolutions",
        "HIPAA.Security",
        "NIST.800.53.R4",
        "NIST.800.53.R5",
        "elasticache-kit",
    }


def test_a_stack_that_nobody_mended(tmp_path: Path) -> None:
    """The same packs find what is wrong with a replication group as CloudFormation makes it."""
    app = App(outdir=str(tmp_path))
    elasticache.CfnReplicationGroup(Stack(app, "Weak"), "Cache", replication_group_description="weak")
    found = {finding.rule for finding in synthesize(app).open}

    assert {"AwsSolutions-AEC3", "AwsSolutions-AEC4", "AwsSolutions-AEC5", "AwsSolutions-AEC6"} <= found
    assert "HIPAA.Security-ElastiCacheRedisClusterAutomaticBackup" in found
    assert {"rg-backup", "rg-multi-az", "rg-sign-in"} <= found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_users_answer_for_the_missing_token(environment: str) -> None:
    """cdk-nag asks for an AUTH token, AWS Config for users; the construct says which it has."""
    name = "elasticache-kit-user-group" if environment == "dev" else "elasticache-kit-prod-user-group"
    (finding,) = (
        finding
        for finding in repository(environment).findings
        if finding.rule == "AwsSolutions-AEC6" and finding.path.startswith(f"{name}/")
    )

    assert re.search("RBAC", finding.reason or "")


def _checked(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Run checkov, which needs no network for CloudFormation, and return its results by kind."""
    options = ("--framework", "cloudformation", "--output", "json", "--compact", "--skip-download")
    command = [str(CHECKOV), "--directory", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return json.loads(done.stdout)["results"]


@needs_checkov
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_check_of_checkov_fails(environment: str) -> None:
    """What is skipped says why in the metadata of its resource."""
    results = _checked(repository(environment).folder)

    assert [(check["check_id"], check["resource"]) for check in results["failed_checks"]] == []
    assert results["passed_checks"]
    assert all(len(check["check_result"]["suppress_comment"].split()) >= 4 for check in results["skipped_checks"])


@needs_checkov
def test_checkov_sees_a_template_that_nobody_mended(tmp_path: Path) -> None:
    """The same run finds what is wrong with a replication group as CloudFormation makes it."""
    group = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"ReplicationGroupDescription": "weak"}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Weak": group}}
    (tmp_path / "weak.template.json").write_text(json.dumps(template))

    assert {check["check_id"] for check in _checked(tmp_path)["failed_checks"]} >= {"CKV_AWS_29", "CKV_AWS_30"}
