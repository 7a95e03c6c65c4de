"""What cfn-lint says of the template of a stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk.assertions import Template

from tests.cfn_lint import lint

if TYPE_CHECKING:
    from aws_cdk import Stack


def findings(stack: Stack) -> list[str]:
    """Return what cfn-lint finds in the template of a stack, as text."""
    return [str(match) for match in lint(json.dumps(Template.from_stack(stack).to_json()), regions=["us-east-1"])]
