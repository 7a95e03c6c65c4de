"""The app of this repository, synthesized with every rule pack at once."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks

from app import define
from elasticache_kit.cdk.compliance import ElastiCacheValidation

CONTEXT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
# Both environments of cdk.json; the larger one with all that can be asked for.
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "dev": {"drill_schedule": "cron(0 4 ? * TUE,FRI *)"},
    "prod": {"notification_email": "oncall@example.com", "backup_copy_region": "eu-central-1"},
}
PACKS = (AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pack says of one construct, and the reason why it may stay."""

    pack: str
    rule: str
    path: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a synthesis left behind.

    Args:
        folder: where the templates are.
        findings: everything that the packs found, acknowledged or not.
        acknowledged: every rule that is acknowledged somewhere, as `pack::rule`.
    """

    folder: Path
    findings: tuple[Finding, ...]
    acknowledged: frozenset[str]

    @property
    def open(self) -> list[Finding]:
        """What nobody acknowledged."""
        return [finding for finding in self.findings if finding.reason is None]


def synthesize(app: App) -> Assembly:
    """Synthesize an app with all packs and with ours; a finding does not end it in an exception."""
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS), ElastiCacheValidation())
    folder = Path(app.outdir)
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    file = folder / "validation-report.json"
    reports: list[dict[str, Any]] = json.loads(file.read_text())["pluginReports"] if file.is_file() else []
    found = tuple(
        Finding(report["pluginName"], violation["ruleName"], construct["constructPath"], violation.get("reason"))
        for report in reports
        for kind in ("violations", "suppressedViolations")
        for violation in report.get(kind, [])
        for construct in violation["violatingConstructs"]
    )
    return Assembly(folder, found, _acknowledged(app, folder))


@cache
def repository(environment: str) -> Assembly:
    """Synthesize the app of this repository, once for each environment."""
    context = {**CONTEXT, "environment": environment, **ENVIRONMENTS[environment]}
    folder = tempfile.mkdtemp(prefix="elasticache-kit-compliance-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app = App(context=context, outdir=folder)
    define(app)
    return synthesize(app)


def _acknowledged(app: App, folder: Path) -> frozenset[str]:
    """Return what is acknowledged somewhere; of everything below the app the synthesis wrote it down."""
    key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    entries = [{"type": entry.type, "data": entry.data} for entry in app.node.metadata]
    for file in folder.glob("*.metadata.json"):
        for noted in json.loads(file.read_text()).values():
            entries += noted
    return frozenset(rule for entry in entries if entry["type"] == key for rule in entry["data"])
