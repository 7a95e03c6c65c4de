"""ElastiCacheValidation: a validation plugin of the CDK for what no rule pack knows of ElastiCache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsii
from aws_cdk import IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolatingResource, PolicyViolation

from elasticache_kit import __version__
from elasticache_kit.model.compliance import Finding, check, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import IPolicyValidationContext


@jsii.implements(IPolicyValidationPlugin)
class ElastiCacheValidation:
    """Checks every template of an app, whoever made its resources: with these constructs, with others or with none.

    It covers what no pack of cdk-nag covers: serverless caches, users, alarms that never get a value, zones and
    backups. What it finds is in the CDK's own report; an error ends the synthesis. A finding may stay with a reason:

        Validations.of(app).add_plugins(ElastiCacheValidation())
        Validations.of(cache).acknowledge(id="elasticache-kit::rg-log-delivery", reason="Nobody reads the slow log")

    The rules are in docs/compliance.md.
    """

    @property
    def name(self) -> str:
        """What the report and the acknowledgements call it."""
        return "elasticache-kit"

    @property
    def version(self) -> str:
        """The version of this package."""
        return __version__

    @property
    def rule_ids(self) -> list[str]:
        """The rules that it has."""
        return [rule.id for rule in rules()]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the templates that were just written."""
        found: dict[tuple[str, str], list[tuple[Finding, str]]] = {}
        for path in context.template_paths:
            template: Mapping[str, object] = json.loads(Path(path).read_text(encoding="utf-8"))
            for finding in check(template):
                found.setdefault((finding.rule.id, finding.message), []).append((finding, path))
        violations = [_violation(places) for places in found.values()]
        errors = any(finding.rule.level == "error" for places in found.values() for finding, _ in places)
        return PolicyValidationPluginReport(success=not errors, violations=violations)


def _violation(places: list[tuple[Finding, str]]) -> PolicyViolation:
    first, _ = places[0]
    rule = first.rule
    return PolicyViolation(
        rule_name=rule.id,
        description=first.message,
        fix=rule.fix,
        severity=rule.level,
        rule_metadata={"what": rule.what, "source": ", ".join(rule.source)},
        violating_resources=[
            PolicyViolatingResource(
                resource_logical_id=finding.logical_id, template_path=path, locations=[finding.location]
            )
            for finding, path in places
        ],
    )
