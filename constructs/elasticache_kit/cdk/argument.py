"""Arguments of the constructs: their types, the values known at synth, and the one error that names all mistakes.

A wrong argument that reaches jsii ends in sixty lines of JavaScript. Everything is checked here before.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

from aws_cdk import Annotations
from constructs import Construct

from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.rule import Violation, refuse
from elasticache_kit.model.unknown import UNKNOWN, Unknown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

# How to make what people first write as text.
_MAKERS: dict[object, str] = {EngineVersion: "ValkeyVersion.of", NodeType: "NodeType.of"}
# A path never changes, and the scope of many constructs is asked for it many times.
_PATHS: WeakKeyDictionary[Construct, str] = WeakKeyDictionary()


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments whose type is not the one in the signature, all of them in one ValidationError.

    Python does not look at annotations and a type checker cannot see everything: a str is a Sequence[str] to it.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # Python's own error names the function too
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
            value,
            f"must be {_spoken(hints[name])}, not {_found(value, hints[name])}",
            _remedy(value, hints[name]),
        )
        for name, value in given.items()
        if name in hints and not _fits(value, hints[name])
    ]


def _subject(function: Callable[..., object], given: Mapping[str, object]) -> str:
    """Return what a message is headed by: the path of a construct, else the name of the function."""
    return (
        construct_path(given.get("scope"), given["construct_id"]) if "construct_id" in given else function.__qualname__
    )


def _path(scope: Construct) -> str:
    if scope not in _PATHS:
        _PATHS[scope] = scope.node.path
    return _PATHS[scope]


@functools.cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(function).items() if name != "return"}


def _fits(value: object, hint: Any) -> bool:
    """Tell whether a value is of the type that an annotation asks for."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return any(_fits(value, arg) for arg in args)
    if origin is Literal:
        return value in args or _is_token(value, str)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(_fits(item, args[0]) for item in cast("Sequence[object]", value))
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(name, args[0]) and _fits(item, args[1])
            for name, item in cast("Mapping[object, object]", value).items()
        )
    return _is_a(value, hint)


def _is_a(value: object, hint: Any) -> bool:
    """Tell whether a value is of a class, or has what an interface of the CDK asks for."""
    if hint is int:
        return (isinstance(value, int) and not isinstance(value, bool)) or _is_token(value, float)
    if _is_jsii_interface(hint):
        return _implements(value, hint)
    return isinstance(value, hint)


def _is_token(value: object, kind: type) -> bool:
    """Tell whether the CDK encoded something unresolved as this kind of value."""
    return isinstance(value, kind) and is_token(value)


def _is_jsii_interface(hint: Any) -> bool:
    """Tell whether an annotation is an interface of the CDK, which Python's isinstance cannot check."""
    return getattr(hint, "_is_protocol", False) and hasattr(hint, "__jsii_type__")


def _implements(value: object, interface: Any) -> bool:
    # What a `from_...` of the CDK returns is a proxy that passes everything on to its delegates. The types are asked
    # and not the values, because that evaluates no property.
    delegates: Iterable[object] = getattr(value, "_delegates", ())
    offering = [type(part) for part in (value, *delegates)]
    members = [name for name in dir(interface) if not name.startswith("_")]
    return all(any(hasattr(part, name) for part in offering) for name in members)


def _spoken(hint: Any) -> str:
    """Say a type as a person would."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return " or ".join(_spoken(arg) for arg in args if arg is not types.NoneType)
    if origin is Literal:
        return " or ".join(repr(arg) for arg in args)
    if origin is Sequence:
        return f"a list of {_name(args[0])}"
    if origin is Mapping:
        return "a mapping"
    return _article(_name(hint))


def _found(value: object, hint: Any) -> str:
    """Say of what type a value is, or for a list the first item that does not fit."""
    wanted = [arg for arg in (hint, *get_args(hint)) if get_origin(arg) is Sequence]
    if wanted and isinstance(value, list | tuple):
        item = next(item for item in cast("Sequence[object]", value) if not _fits(item, get_args(wanted[0])[0]))
        return f"a list with {_article(type(item).__name__)}"
    return _article(type(value).__name__)


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))


def _article(name: str) -> str:
    if name == "NoneType":
        return "None"
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _remedy(value: object, hint: Any) -> str:
    """Say how to write it: constants and lists are what people forget."""
    if isinstance(value, str) and Sequence[str] in (hint, *get_args(hint)):
        return f"write [{value!r}]"
    makers = [_MAKERS[arg] for arg in (hint, *get_args(hint)) if arg in _MAKERS]
    if isinstance(value, str) and makers:
        return f"write {makers[0]}({value!r})"
    return f"pass {_spoken(hint)}"
