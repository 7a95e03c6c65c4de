"""YAML with CloudFormation's short forms of the intrinsic functions, read with the line of every value.

Scalars are read as CloudFormation means them, not as YAML 1.1 does: dates and times of day stay text, and so do numbers
that would lose something by being numbers, such as 0001 and 7.10. Yes, no, on and off stay text too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn, cast

import yaml

from elasticache_kit.errors import DocumentError
from elasticache_kit.template.located import Located, Path, Value

_NULLS = ("", "~", "null", "Null", "NULL")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_MERGE = "<<"
# Short forms that do not stand for Fn::<name>.
_PLAIN = ("Ref", "Condition")
_DEEPEST = 100
# The aliases of a small text can stand for more than any reader could walk through.
_MOST_VALUES = 1_000_000


def parse(text: str, name: str) -> Located:
    """Read a YAML text.

    Args:
        text: the text, one document.
        name: what to call it in an error.

    Raises:
        DocumentError: it is not YAML; with the line.
    """
    builder = _Builder(text, name)
    try:
        return Located(builder.document(), builder.lines)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise DocumentError(f"{name} is not YAML: {line}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"{name} is not YAML: {error}") from None


def _events(text: str) -> Iterator[yaml.Event]:
    # Both read the same; the one in C is ten times as fast and not in every build of PyYAML. PyYAML's own composer is
    # not used, since the one in C crashes the interpreter on deep nesting.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        while loader.check_event():
            yield cast("yaml.Event", loader.get_event())
    finally:
        loader.dispose()


class _Builder:
    """Turns the events of a YAML text into plain data, and keeps their lines."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {}
        self._events = _events(text)
        # What each anchor stands for, and of how many values that is made.
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._built = 0

    def document(self) -> Value:
        """Return what the one document says; nothing where there is none."""
        value: Value = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document begins, and a template is one")
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, ())
        return value

    def _node(self, event: yaml.NodeEvent, path: Path) -> Value:
        before = self._built
        self._built += 1
        self.lines.setdefault(path, _line(event))
        if len(path) > _DEEPEST:
            self._refuse(event, f"more than {_DEEPEST} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        function = _function(str(getattr(event, "tag", None) or ""))
        value = self._plain(event, path if function is None else (*path, function))
        if function is not None:
            value = _call(function, value)
        if event.anchor:
            self._anchors[str(event.anchor)] = (value, self._built - before)
        return value

    def _alias(self, event: yaml.AliasEvent) -> Value:
        if event.anchor not in self._anchors:
            self._refuse(event, f"the alias *{event.anchor} has no anchor before it")
        value, size = self._anchors[str(event.anchor)]
        self._built += size
        if self._built > _MOST_VALUES:
            self._refuse(event, "its aliases stand for too much")
        return value

    def _plain(self, event: yaml.NodeEvent, path: Path) -> Value:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while isinstance(inner := next(self._events), yaml.NodeEvent):
                items.append(self._node(inner, (*path, len(items))))
            return items
        return _scalar(cast("yaml.ScalarEvent", event))

    def _mapping(self, path: Path) -> Value:
        found: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        while isinstance(key := next(self._events), yaml.NodeEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._refuse(key, "a key is one word, not a list, a mapping or an alias")
            name = str(key.value)
            self.lines[(*path, name)] = _line(key)
            value = self._node(cast("yaml.NodeEvent", next(self._events)), (*path, name))
            if name == _MERGE and not key.style:
                merged = _merge(value)
                self.lines |= {(*path, inner): _line(key) for inner in merged}
            else:
                found[name] = value
        return merged | found

    def _refuse(self, event: yaml.Event, what: str) -> NoReturn:
        raise DocumentError(f"{self.name}: line {_line(event)}: {what}")


def _line(event: yaml.Event) -> int:
    return int(cast("yaml.Mark", event.start_mark).line) + 1


def _function(tag: str) -> str | None:
    """Return the long form of a short form's name."""
    if not tag.startswith("!") or tag == "!":
        return None
    return tag[1:] if tag[1:] in _PLAIN else f"Fn::{tag[1:]}"


def _call(function: str, value: Value) -> Value:
    if function == "Fn::GetAtt" and isinstance(value, str):
        value = [*value.split(".", 1)]
    return {function: value}


def _merge(value: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    # Of several mappings the first one counts.
    for item in reversed(value if isinstance(value, list) else [value]):
        found |= item if isinstance(item, dict) else {}
    return found


def _scalar(event: yaml.ScalarEvent) -> Value:
    text = str(event.value)
    # A quoted scalar, and one with a tag such as !!str, is text.
    if not event.implicit[0]:
        return text
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) and str(float(text)) == text else text
