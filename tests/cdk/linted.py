"""The template of a stack, once cfn-lint has found nothing to say of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import Token
from aws_cdk.assertions import Template

from tests.cfn_lint import lint

if TYPE_CHECKING:
    from aws_cdk import Stack


def linted(stack: Stack) -> Template:
    """Synthesize a stack and let cfn-lint read the template."""
    template = Template.from_stack(stack)
    # The CDK itself lets a function wait for its role twice, and with a Region writes the zones of subnets down.
    usual = {"W3005"} if Token.is_unresolved(stack.region) else {"W3005", "W3010"}
    found = lint(json.dumps(template.to_json()), regions=["us-east-1"])
    findings = [str(match) for match in found if match.rule.id not in usual]
    assert findings == [], findings  # pytest shows values in files of tests only
    return template


def only(template: Template, kind: str) -> dict[str, Any]:
    """Return the one resource of a type."""
    (resource,) = template.find_resources(kind).values()
    return dict(resource)
