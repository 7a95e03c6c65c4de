"""Annotations of arguments: whether a value is of the type that one asks for, and how to say it where it is not."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Union, cast, get_args, get_origin

from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType

Test = Callable[[object], bool]

# How to make what people first write as text.
_MAKERS: dict[object, str] = {EngineVersion: "ValkeyVersion.of", NodeType: "NodeType.of"}


@functools.cache
def test_of(hint: Any) -> Test:
    """Return what tells whether a value is of the type that an annotation asks for."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        tests = tuple(test_of(arg) for arg in args)
        return lambda value: any(test(value) for test in tests)
    if origin is Literal:
        return lambda value: value in args or _is_token(value, str)
    if origin in {Sequence, Mapping}:
        return _test_of_items(origin, *(test_of(arg) for arg in args))
    if hint in {int, float}:
        return lambda value: _is_number(value, hint)
    if _is_jsii_interface(hint):
        return lambda value: _implements(value, hint)
    return lambda value: isinstance(value, hint)


def spoken(hint: Any) -> str:
    """Say a type as a person would."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return " or ".join(spoken(arg) for arg in args if arg is not types.NoneType)
    if origin is Literal:
        return " or ".join(repr(arg) for arg in args)
    if origin is Sequence:
        return f"a list of {_name(args[0])}"
    if origin is Mapping:
        return "a mapping"
    return _article(_name(hint))


def found(value: object, hint: Any) -> str:
    """Say of what type a value is, or for a list the first item that does not fit."""
    wanted = [arg for arg in (hint, *get_args(hint)) if get_origin(arg) is Sequence]
    if wanted and isinstance(value, list | tuple):
        fits = test_of(get_args(wanted[0])[0])
        item = next(item for item in cast("Sequence[object]", value) if not fits(item))
        return f"a list with {_article(type(item).__name__)}"
    return _article(type(value).__name__)


def remedy(value: object, hint: Any) -> str:
    """Say how to write it: constants and lists are what people forget."""
    if isinstance(value, str) and Sequence[str] in (hint, *get_args(hint)):
        return f"write [{value!r}]"
    makers = [_MAKERS[arg] for arg in (hint, *get_args(hint)) if arg in _MAKERS]
    if isinstance(value, str) and makers:
        return f"write {makers[0]}({value!r})"
    return f"pass {spoken(hint)}"


def _test_of_items(origin: object, *tests: Test) -> Test:
    if origin is Sequence:
        return lambda value: isinstance(value, list | tuple) and all(map(tests[0], cast("Sequence[object]", value)))
    return lambda value: (
        isinstance(value, Mapping)
        and all(tests[0](key) and tests[1](item) for key, item in cast("Mapping[object, object]", value).items())
    )


def _is_number(value: object, kind: type) -> bool:
    """Tell whether a value is a number of a kind, an integer being a float too, or a token of one."""
    return (isinstance(value, int | kind) and not isinstance(value, bool)) or _is_token(value, float)


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
    return _offer((type(value), *map(type, delegates)), interface)


@functools.cache
def _offer(kinds: tuple[type, ...], interface: Any) -> bool:
    """Tell whether some types have together what an interface asks for."""
    members = [name for name in dir(interface) if not name.startswith("_")]
    return all(any(hasattr(kind, name) for kind in kinds) for name in members)


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))


def _article(name: str) -> str:
    if name == "NoneType":
        return "None"
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
