"""checkov over the templates of every stack of this repository.

checkov pins more than fits beside what we need, so it lives in an environment of its own, which `make checkov` makes.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compliance.assembly import ENVIRONMENTS, repository

CHECKOV = Path(__file__).parents[2] / ".cache" / "checkov" / "bin" / "checkov"

pytestmark = pytest.mark.skipif(not CHECKOV.is_file(), reason="checkov is not installed: run `make checkov`")


def _checked(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Run checkov, which needs no network for CloudFormation, and return its results by kind."""
    options = ("--framework", "cloudformation", "--output", "json", "--compact", "--skip-download")
    command = [str(CHECKOV), "--directory", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return json.loads(done.stdout)["results"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_check_fails(environment: str) -> None:
    """What is skipped says why in the metadata of its resource."""
    results = _checked(repository(environment).folder)

    assert [(check["check_id"], check["resource"]) for check in results["failed_checks"]] == []
    assert results["passed_checks"]
    assert all(len(check["check_result"]["suppress_comment"].split()) >= 4 for check in results["skipped_checks"])


def test_a_template_that_nobody_mended(tmp_path: Path) -> None:
    """The same run finds what is wrong with a replication group as CloudFormation makes it."""
    group = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"ReplicationGroupDescription": "weak"}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Weak": group}}
    (tmp_path / "weak.template.json").write_text(json.dumps(template))

    assert {check["check_id"] for check in _checked(tmp_path)["failed_checks"]} >= {"CKV_AWS_29", "CKV_AWS_30"}
