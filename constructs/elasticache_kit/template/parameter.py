"""The values of a stack's parameters before and after a deployment, as far as they are known.

A deployment keeps the value that a parameter has, and a new default does not change it: `cdk deploy` and
`aws cloudformation deploy` do so. A parameter that is new takes its default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from elasticache_kit.model.change.value import Deferred

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template
    from elasticache_kit.template.located import Value


def before(template: Template, deployed: Mapping[str, str] | None) -> dict[str, object]:
    """Return the values of a deployed stack.

    Args:
        template: the deployed template.
        deployed: the values as the account tells them; None where only the template is at hand.
    """
    return {name: _read(template.parameters.get(name), name, text) for name, text in (deployed or {}).items()}


def after(
    template: Template,
    old: Template | None,
    deployed: Mapping[str, str] | None,
    given: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the values that a stack will have.

    Args:
        template: the new template.
        old: the deployed one; None where nothing is deployed.
        deployed: as for `before`.
        given: the values that the deployment gives. Default: none.
    """
    values: dict[str, object] = {}
    for name, declaration in template.parameters.items():
        default = _default(declaration)
        kept = None if old is None else old.parameters.get(name)
        if given is not None and name in given:
            values[name] = given[name]
        elif kept is None:
            values |= {} if default is None else {name: _read(declaration, name, default)}
        elif deployed is not None and name in deployed:
            values[name] = _read(declaration, name, deployed[name])
        elif _default(kept) != default:
            values[name] = Deferred(text=f"{name}, whose default is new", depends_on=(f"parameter {name}",))
    return values


def _default(declaration: Value) -> str | None:
    value = declaration.get("Default") if isinstance(declaration, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _read(declaration: Value, name: str, text: str) -> object:
    """Read the value of a parameter: a list where its type says so, Deferred where its text says nothing."""
    known = declaration if isinstance(declaration, dict) else {}
    kind = str(known.get("Type", "String"))
    if str(known.get("NoEcho", "")).lower() == "true":
        return Deferred(text=json.dumps({"Ref": name}), depends_on=(f"parameter {name}",))
    if kind.startswith("AWS::SSM::Parameter::"):
        return Deferred(text=f"the value of {text} in Systems Manager", depends_on=(f"{text} in Systems Manager",))
    if kind.startswith(("CommaDelimitedList", "List<")):
        return [item.strip() for item in text.split(",")]
    return text
