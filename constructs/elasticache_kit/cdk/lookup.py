"""Lookup: what AWS tells at synth of a resource that exists.

The CDK's context provider `cc-api-provider` asks the Cloud Control API (GetResource) for it, through the CLI and with
the lookup role of the bootstrap. An app with something to look up runs again and again: the first time every value is a
dummy, then the CLI asks, writes the answers to cdk.context.json and runs the app anew until it has nothing to ask.
Committed, that file makes a synth repeatable and needs no credentials; `cdk context --reset KEY` forgets an answer.

See https://docs.aws.amazon.com/cdk/v2/guide/context.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import ContextProvider, Stack

from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.token import is_token
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.rule import describe

if TYPE_CHECKING:
    from constructs import Construct

# ContextProvider.CC_API_PROVIDER of the schema, whose value jsii does not hand to Python.
_PROVIDER = "cc-api-provider"
# The CLI adds it to whatever it finds, so its absence tells a dummy.
_IDENTIFIER = "Identifier"


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up.

    Args:
        values: the properties that were asked for, by their names in the schema.
        is_dummy: whether they stand in for what the CLI has yet to look up, or did not find.
    """

    values: Mapping[str, Any]
    is_dummy: bool


def refuse_unresolved(scope: Construct, path: str, name: str, identifier: str) -> None:
    """Refuse a lookup that nobody could make at synth.

    Args:
        scope: the construct that looks up.
        path: the path of what is looked up.
        name: the argument that identifies it.
        identifier: its value.

    Raises:
        ValidationError: the identifier, or the account or Region of the stack, is not known at synth.
    """
    stack = Stack.of(scope)
    mistakes = [
        violation("cdk-lookup-token", name, item, f"it is looked up at synth, and {what} is not known then", remedy)
        for item, what, remedy in (
            (identifier, "this value", "give the id itself, or import it by its attributes"),
            (stack.account, "the account of the stack", "give the stack env=Environment(account=..., region=...)"),
            (stack.region, "the Region of the stack", "give the stack env=Environment(account=..., region=...)"),
        )
        if is_token(item)
    ]
    if mistakes:
        raise ValidationError(describe(path, mistakes))


def look_up(
    scope: Construct,
    resource_type: str,
    identifier: str,
    properties: Sequence[str],
    *,
    dummy: Mapping[str, Any],
    must_exist: bool = True,
) -> Found:
    """Return properties of a resource, or a dummy until the CLI has looked them up.

    Args:
        scope: the construct that an error is shown at.
        resource_type: the type of the resource.
        identifier: what identifies it.
        properties: the properties, nested ones with dots. The CLI fails where one is absent.
        dummy: what to return meanwhile.
        must_exist: whether it is an error of the synth that there is none. Else the dummy is the answer, and is kept
            in cdk.context.json like any other.
    """
    result = ContextProvider.get_value(
        scope,
        provider=_PROVIDER,
        props={
            "typeName": resource_type,
            "exactIdentifier": identifier,
            "propertiesToReturn": list(properties),
        },
        dummy_value=[dict(dummy)],
        must_exist=must_exist,
    )
    answers: list[Mapping[str, Any]] = result.value
    values = answers[0]
    return Found(values, is_dummy=_IDENTIFIER not in values)
