"""Resolver: the values of a template as far as they are known, with the rest left as Deferred.

Two Deferred values of the same text are the same value, whichever template they come from: that is what a comparison of
two templates needs. A reference to a resource that will be another one then has another text.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from elasticache_kit.model.change.value import ABSENT, Deferred, Difference, compare, depends_on

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template
    from elasticache_kit.template.located import Value

# What is inside `${...}` of Fn::Sub; `${!...}` is a literal.
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = "{{resolve:"
# Marks of a reference: what the resource behind it becomes.
REPLACED = " (replaced)"
PERHAPS_REPLACED = " (perhaps replaced)"


def _as_it_is(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """Resolves the values of one template.

    Args:
        template: the template.
        values: what is known of parameters and pseudo parameters, by name; a Deferred is a value that only the
            deployment knows.
        fate: says of a logical id what becomes of the resource, as a mark on every reference to it. Default: nothing.
    """

    template: Template
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    fate: Callable[[str], str] = _as_it_is

    def resolve(self, value: Value) -> object:
        """Return a value without the functions that can be worked out; ABSENT for AWS::NoValue."""
        if isinstance(value, dict):
            function = next(iter(value)) if len(value) == 1 else ""
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, value[function])
            items = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in items.items() if item is not ABSENT}
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not ABSENT]
        if isinstance(value, str) and _DYNAMIC in value:
            return Deferred(text=value, depends_on=("a dynamic reference",))
        return value

    def condition(self, name: str) -> object:
        """Return whether a condition holds: a truth value, or Deferred."""
        return self._condition(self.template.conditions.get(name), name)

    def _condition(self, value: Value, name: str) -> object:
        word = f"condition {name}"
        if not isinstance(value, dict) or len(value) != 1:
            return Deferred(text=_text(value), depends_on=(word,))
        function, argument = next(iter(value.items()))
        if function == "Condition" and isinstance(argument, str):
            return self.condition(argument)
        arguments = argument if isinstance(argument, list) else [argument]
        if function == "Fn::Equals":
            sides = [self.resolve(item) for item in arguments]
            answer = compare(sides[0], sides[-1])
            same = answer is Difference.SAME
            return _deferred({function: sides}, word) if answer is Difference.UNDECIDED else same
        answers = [self._condition(item, name) for item in arguments]
        known = _combined(function, answers)
        return _deferred({function: answers}, word) if known is None else known

    def _call(self, function: str, argument: Value) -> object:
        functions: dict[str, Callable[[Value], object | None]] = {
            "Ref": self._ref_or_none,
            "Fn::GetAtt": self._get_att,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
        }
        known = functions.get(function)
        found = known(argument) if known else None
        return _deferred({function: self.resolve(argument)}, function) if found is None else found

    def _ref_or_none(self, argument: Value) -> object | None:
        return self._ref(argument) if isinstance(argument, str) else None

    def _ref(self, name: str) -> object:
        if name == "AWS::NoValue":
            return ABSENT
        if name in self.values:
            return self.values[name]
        if name in self.template.resources:
            return self._reference({"Ref": name}, name, name)
        if name in self.template.parameters:
            return Deferred(text=_text({"Ref": name}), depends_on=(f"parameter {name}",))
        return Deferred(text=_text({"Ref": name}), depends_on=(name,))

    def _get_att(self, argument: Value) -> object | None:
        match argument:
            case str(path):
                return self._attribute(path)
            case [str(name), str(attribute)]:
                return self._attribute(f"{name}.{attribute}")
            case _:
                return None

    def _attribute(self, path: str) -> Deferred:
        name, _, attribute = path.partition(".")
        return self._reference({"Fn::GetAtt": [name, attribute]}, name, path)

    def _reference(self, expression: Value, name: str, target: str) -> Deferred:
        mark = self.fate(name)
        sure = mark in ("", REPLACED)
        return Deferred(
            text=_text(expression) + mark,
            depends_on=(f"resource {name}",),
            target=target + mark if sure else None,
        )

    def _join(self, argument: Value) -> object | None:
        match argument:
            case [str(separator), written]:
                parts = self.resolve(written)
            case _:
                return None
        if not isinstance(parts, list):
            return None
        pieces: list[object] = []
        for number, part in enumerate(cast("list[object]", parts)):
            pieces += [separator, part] if number else [part]
        return _joined(pieces)

    def _sub(self, argument: Value) -> object | None:
        values: Mapping[str, Value] = {}
        match argument:
            case str(text):
                pass
            case [str(text), dict(values)]:
                pass
            case _:
                return None
        pieces: list[object] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            pieces += [text[end : found.start()], self._placeholder(found[1].strip(), values)]
            end = found.end()
        return _joined([*pieces, text[end:]])

    def _placeholder(self, name: str, values: Mapping[str, Value]) -> object:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in values:
            return self.resolve(values[name])
        return self._attribute(name) if "." in name else self._ref(name)

    def _if(self, argument: Value) -> object | None:
        match argument:
            case [str(name), then, otherwise]:
                holds = self.condition(name)
            case _:
                return None
        if isinstance(holds, bool):
            return self.resolve(then if holds else otherwise)
        both = self.resolve(then), self.resolve(otherwise)
        if compare(*both) is Difference.SAME:
            return both[0]
        optional = any(item is ABSENT or (isinstance(item, Deferred) and item.optional) for item in both)
        return _deferred({"Fn::If": [holds, *both]}, f"condition {name}", optional=optional)

    def _find_in_map(self, argument: Value) -> object | None:
        match argument:
            case [str(name), first, second, *_]:
                table, keys = self.template.mappings.get(name), [self.resolve(first), self.resolve(second)]
            case _:
                return None
        found: Value = table
        for key in keys:
            found = found.get(str(key)) if isinstance(found, dict) and isinstance(key, str | int) else None
        # Where a key is not known the table goes into the text: another table is another value.
        return _deferred({"Fn::FindInMap": [table, *keys]}, "Fn::FindInMap") if found is None else self.resolve(found)

    def _select(self, argument: Value) -> object | None:
        index, items = _two(self.resolve(argument))
        if not isinstance(items, list) or not str(index).isdigit():
            return None
        listed = cast("list[object]", items)
        return listed[int(str(index))] if int(str(index)) < len(listed) else None

    def _split(self, argument: Value) -> object | None:
        separator, text = _two(self.resolve(argument))
        return text.split(separator) if isinstance(separator, str) and isinstance(text, str) else None


def _two(value: object) -> tuple[object, object]:
    """Return the two arguments of a function, None for those that it does not have."""
    items = [*cast("list[object]", value), None, None] if isinstance(value, list) else [None, None]
    return items[0], items[1]


def _combined(function: str, answers: list[object]) -> bool | None:
    """Return what Fn::Not, Fn::And or Fn::Or makes of answers, None where one that matters is missing."""
    known = [item for item in answers if isinstance(item, bool)]
    complete = len(known) == len(answers)
    match function:
        case "Fn::Not" if known:
            return not known[0]
        case "Fn::And" if complete or False in known:
            return all(known)
        case "Fn::Or" if complete or True in known:
            return any(known)
        case _:
            return None


def _deferred(expression: object, word: str, *, optional: bool = False) -> Deferred:
    words = depends_on(expression) or (word,)
    return Deferred(text=_text(expression), depends_on=words, optional=optional)


def _joined(pieces: list[object]) -> object:
    merged: list[object] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, Deferred | list | dict):
            merged.append(cast("object", piece))
        elif isinstance(last, str):
            merged[-1] = f"{last}{piece}"
        elif piece != "":
            merged.append(str(piece))
    if all(isinstance(piece, str) for piece in merged):
        return "".join(cast("list[str]", merged))
    return merged[0] if len(merged) == 1 else _deferred({"Fn::Join": ["", merged]}, "Fn::Join")


def _text(value: object) -> str:
    """Write an expression as JSON, with the text of what is deferred inside it in its place."""
    if isinstance(value, Deferred):
        return value.text
    if value is ABSENT:
        return '{"Ref": "AWS::NoValue"}'
    if isinstance(value, Mapping):
        items = sorted(cast("Mapping[str, object]", value).items())
        return f"{{{', '.join(f'{json.dumps(key)}: {_text(item)}' for key, item in items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, cast('list[object]', value)))}]"
    return json.dumps(value)
