"""What the tests of the stacks build on: the app of this repository, once for each shape."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from aws_cdk import App

from app import define

CONTEXT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]

Templates = dict[str, dict[str, Any]]


@cache
def templates(**context: str) -> Templates:
    """Return the templates of the app by the names of their stacks, without what all names begin with."""
    app = App(context={**CONTEXT, **context})
    define(app)
    return {stack.stack_name.removeprefix("elasticache-kit-"): stack.template for stack in app.synth().stacks}


def resources(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the properties of the resources of a type."""
    return [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == kind]
