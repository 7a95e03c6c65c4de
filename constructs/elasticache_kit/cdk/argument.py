"""Arguments of the constructs: their types, the values known at synth, and the one error that names all mistakes.

A wrong argument that reaches jsii ends in sixty lines of JavaScript. Everything is checked here before.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar, get_type_hints
from weakref import WeakKeyDictionary

from aws_cdk import Annotations
from constructs import Construct

from elasticache_kit.cdk.annotation import found, remedy, spoken, test_of
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.rule import Violation, refuse
from elasticache_kit.model.unknown import UNKNOWN, Unknown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

# A path never changes, and the scope of many constructs is asked for it many times.
_PATHS: WeakKeyDictionary[Construct, str] = WeakKeyDictionary()


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments whose type is not the one in the signature, all of them in one ValidationError.

    Python does not look at annotations and a type checker cannot see everything: a str is a Sequence[str] to it.
    """
    parameters = inspect.signature(function).parameters
    names = tuple(parameters)
    # Those that take the rest, such as `*patterns`: each of them must be of the type.
    several = [name for name, item in parameters.items() if item.kind is item.VAR_POSITIONAL]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        # Of arguments that are missing, unknown or too many Python's own error names the function too.
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        given |= {name: args[names.index(name) :] for name in several}
        mistakes = _type_mistakes(given, _hints(function))
        if mistakes:
            refuse(_subject(function, given), mistakes)
        return function(*args, **kwargs)

    return checked


def refuse_types(subject: str, given: Mapping[str, object], hints: Mapping[str, Any]) -> None:
    """Raise one ValidationError with every value that is not of the type that its annotation asks for."""
    refuse(subject, _type_mistakes(given, hints))


def violation(rule_id: str, name: str, value: object, message: str, remedy: str) -> Violation:
    """Make an error of the constructs' own, which ElastiCache never gets to see."""
    return Violation(
        rule_id=rule_id,
        level="error",
        property=name,
        value=value,
        message=message,
        remedy=remedy,
        source=(),
        aws_code=None,
        aws_message=None,
    )


def construct_path(scope: object, construct_id: object) -> str:
    """Return the path that a construct has in its app, before it is made."""
    parent = _path(scope) if isinstance(scope, Construct) else ""
    return "/".join(part for part in (parent, str(construct_id)) if part)


def remember_path(construct: Construct, path: str) -> None:
    """Note the path of a construct that was just made, which saves its children the question."""
    _PATHS[construct] = path


def at_synth(value: T) -> T | Unknown:
    """Return the value, or UNKNOWN where it is, or holds, a token that only a deployment resolves."""
    return UNKNOWN if is_token(value) else value


def warn(construct: Construct, warnings: Iterable[Violation]) -> None:
    """Show warnings in the output of the CDK; an app may acknowledge each by its id, `elasticache-kit:<rule id>`."""
    for warning in warnings:
        text = f"{warning.property}: {warning.message}; {warning.remedy}"
        Annotations.of(construct).add_warning_v2(f"elasticache-kit:{warning.rule_id}", text)


def _type_mistakes(given: Mapping[str, object], hints: Mapping[str, Any]) -> list[Violation]:
    return [
        violation(
            "cdk-argument-type",
            name,
            _named(given[name]),
            f"must be {spoken(hint)}, not {found(given[name], hint)}",
            remedy(given[name], hint),
        )
        for name, hint in hints.items()
        if name in given and not test_of(hint)(given[name])
    ]


def _named(value: object) -> object:
    """Return the path of a construct, which says more than what Python calls it."""
    return _path(value) if isinstance(value, Construct) else value


def _subject(function: Callable[..., object], given: Mapping[str, object]) -> str:
    """Return what a message is headed by: the path of a construct, else the name of the function."""
    # A method that makes something inside of its own construct has no scope.
    within = given.get("scope", given.get("self"))
    if "scope" not in given and not ("construct_id" in given and isinstance(within, Construct)):
        return function.__qualname__
    return construct_path(within, given["construct_id"])


def _path(scope: Construct) -> str:
    if scope not in _PATHS:
        _PATHS[scope] = scope.node.path
    return _PATHS[scope]


@functools.cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    return {
        name: Sequence[hint] if parameters[name].kind is inspect.Parameter.VAR_POSITIONAL else hint
        for name, hint in get_type_hints(function).items()
        if name != "return"
    }
