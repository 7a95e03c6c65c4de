"""Comparing two values of a property, of which a deployment may know more than we do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import cast

from elasticache_kit.model.unknown import Unknown


class Difference(Enum):
    """How two values compare."""

    SAME = "same"
    UNDECIDED = "undecided"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A value that a deployment works out, and that is the same wherever its text is the same.

    Args:
        text: the expression, for example `{"Ref": "Key"}`.
        depends_on: what it depends on in words, for example `parameter Port`.
        target: the resource that it stands for, where it is nothing but a reference to one: two of different targets
            differ for sure. Default: None, it is more than that.
        optional: whether it may come out as no value at all. Default: no.
    """

    text: str
    depends_on: tuple[str, ...] = ()
    target: str | None = None
    optional: bool = False


class _Absent(Enum):
    ABSENT = "ABSENT"


ABSENT = _Absent.ABSENT


def compare(old: object, new: object) -> Difference:
    """Compare two values; ABSENT is a property that is not given.

    A number or a truth value is the same as its text, as everywhere in CloudFormation.
    """
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return Difference.UNDECIDED
    if isinstance(old, Deferred) or isinstance(new, Deferred):
        return _compare_deferred(old, new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = cast("Mapping[str, object]", old), cast("Mapping[str, object]", new)
        return _worst(compare(before.get(key, ABSENT), after.get(key, ABSENT)) for key in {*before, *after})
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        pairs = zip_longest(cast("list[object]", old), cast("list[object]", new), fillvalue=ABSENT)
        return _worst(compare(*pair) for pair in pairs)
    return Difference.SAME if _text(cast("object", old)) == _text(new) else Difference.DIFFERENT


def depends_on(*values: object) -> tuple[str, ...]:
    """Return what values depend on, each once, in the order of the alphabet."""
    return tuple(sorted({word for value in values for word in _depends_on(value)}))


def same_but_for_order(old: object, new: object) -> bool:
    """Tell whether two known lists hold the same in another order."""
    if not (isinstance(old, list | tuple) and isinstance(new, list | tuple)):
        return False
    before, after = cast("list[object]", old), cast("list[object]", new)
    return len(before) == len(after) and sorted(map(repr, before)) == sorted(map(repr, after))


def _compare_deferred(old: object, new: object) -> Difference:
    if isinstance(old, Deferred) and isinstance(new, Deferred):
        if old.text == new.text and old.target == new.target:
            return Difference.SAME
        both = old.target is not None and new.target is not None
        return Difference.DIFFERENT if both and old.target != new.target else Difference.UNDECIDED
    deferred, other = (old, new) if isinstance(old, Deferred) else (new, old)
    given = other is ABSENT and isinstance(deferred, Deferred) and not deferred.optional
    return Difference.DIFFERENT if given else Difference.UNDECIDED


def _worst(found: Iterator[Difference]) -> Difference:
    seen = set(found)
    return next((kind for kind in (Difference.DIFFERENT, Difference.UNDECIDED) if kind in seen), Difference.SAME)


def _depends_on(value: object) -> Iterator[str]:
    if isinstance(value, Deferred):
        yield from value.depends_on
    elif isinstance(value, Unknown):
        yield "a value that only the deployment knows"
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, object]", value).values():
            yield from _depends_on(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            yield from _depends_on(item)


def _text(value: object) -> object:
    if isinstance(value, Mapping | list | tuple | _Absent) or value is None:
        # Nothing is equal to one of these but the same kind, which was compared before.
        return type(cast("object", value))
    text = str(value)
    return text.lower() if text.lower() in {"true", "false"} else text
