"""Functions that were made inside of others, as data: which one it is, and what it has closed over.

Jobs of the lifecycle are such functions, and so are some factories of moto's. A plain pickle knows functions by name
only. These are found again by their place in the module that made them, so they are good for the same code only.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import CellType, CodeType, FunctionType
from typing import Any


class OtherCodeError(Exception):
    """The code that made a function is not the code that is here."""


def reduce(function: FunctionType) -> Any:
    """Return what a pickler writes of a function: by name where it has one, else by its place.

    Raises:
        TypeError: the function is found neither way.
    """
    if "<locals>" not in function.__qualname__ and "<lambda>" not in function.__qualname__:
        return NotImplemented
    for place, code in enumerate(_inner(function.__module__)):
        if code is function.__code__:
            cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
            defaults = function.__defaults__, function.__kwdefaults__
            return _make, (function.__module__, place, _mark(code), defaults), cells, None, None, _close
    raise TypeError(f"{function.__qualname__} of {function.__module__} cannot be found again")


def _make(module_name: str, place: int, mark: str, defaults: tuple[Any, Any]) -> FunctionType:
    """Make a function with empty cells: what it closes over may lead back to it."""
    known = _inner(module_name)
    if place >= len(known) or _mark(known[place]) != mark:
        raise OtherCodeError(f"{module_name} is not what it was when its state was written")
    code, module = known[place], importlib.import_module(module_name)
    made = FunctionType(code, vars(module), code.co_name, defaults[0], tuple(CellType() for _ in code.co_freevars))
    made.__kwdefaults__ = defaults[1]
    made.__qualname__, made.__module__ = code.co_qualname, module_name
    return made


def _close(function: FunctionType, contents: tuple[Any, ...]) -> None:
    for cell, content in zip(function.__closure__ or (), contents, strict=True):
        cell.cell_contents = content


@cache
def _inner(module_name: str) -> tuple[CodeType, ...]:
    """Give the code of all functions of a module that are made inside of others, in a fixed order."""
    module = importlib.import_module(module_name)
    own: list[Any] = [item for item in vars(module).values() if getattr(item, "__module__", None) == module_name]
    members: list[Any] = [*own, *(member for item in own if isinstance(item, type) for member in _members(item))]
    # A decorated function holds the original, a static method its function.
    whole = [getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None) for member in members]
    return tuple(code for item in whole if isinstance(item, CodeType) for code in _nested(item))


def _members(kind: type) -> list[Any]:
    return list(vars(kind).values())


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


def _mark(code: CodeType) -> str:
    return hashlib.sha256(code.co_code + repr((code.co_names, code.co_freevars)).encode()).hexdigest()[:16]
