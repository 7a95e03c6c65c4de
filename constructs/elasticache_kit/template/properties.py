"""Properties: the properties of a resource, read as the types that a spec has.

Each reader returns None for a property that is omitted, and UNKNOWN for one that only a deployment knows, or that is
of a wrong type, which is reported by a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self, TypeVar

from elasticache_kit.model import resolved
from elasticache_kit.model.resource import members
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from elasticache_kit.model.property import Property
    from elasticache_kit.model.resolved import Resolved
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.scope import Scope

T = TypeVar("T")


class Properties:
    """The members of a mapping.

    Args:
        values: the members; None where a macro makes them, so that nothing is known of them.
        kinds: what CloudFormation knows of each member. Default: nothing.
    """

    def __init__(self, values: Mapping[str, Resolved] | None, kinds: Mapping[str, Property] | None = None) -> None:
        self.values = values
        self._kinds = kinds or {}

    @classmethod
    def of(cls, scope: Scope, resource: Resource) -> Self:
        """Return the properties of a resource, as far as its template tells them."""
        return cls(scope.properties(resource), members(resource.type))

    def text(self, name: str) -> str | Unknown | None:
        """Read a text, spelled as ElastiCache does where CloudFormation takes its words in any case."""
        found = self._read(name, resolved.text)
        return self._kinds[name].spelled(found) if name in self._kinds and isinstance(found, str) else found

    def integer(self, name: str) -> int | Unknown | None:
        """Read a whole number."""
        return self._read(name, resolved.integer)

    def number(self, name: str) -> float | Unknown | None:
        """Read a number."""
        return self._read(name, resolved.number)

    def boolean(self, name: str) -> bool | Unknown | None:
        """Read true or false."""
        return self._read(name, resolved.boolean)

    def texts(self, name: str) -> tuple[str | Unknown, ...] | Unknown | None:
        """Read a list of texts, each of which may be UNKNOWN."""
        return self._read(name, _texts)

    def known_texts(self, name: str) -> tuple[str, ...] | Unknown | None:
        """Read a list of texts, which is UNKNOWN where one of them is."""
        found = self.texts(name)
        if not isinstance(found, tuple):
            return found
        texts = tuple(item for item in found if isinstance(item, str))
        return texts if len(texts) == len(found) else UNKNOWN

    def mapping(self, name: str) -> Mapping[str, str | Unknown] | Unknown | None:
        """Read a mapping of texts, each of which may be UNKNOWN."""
        found = self._read(name, _members)
        if not isinstance(found, dict):
            return UNKNOWN if found is not None else None
        return {key: _text(value) for key, value in found.items()}

    def inner(self, name: str) -> Properties | Unknown | None:
        """Read a mapping with members of its own."""
        found = self._read(name, _members)
        kind = self._kinds.get(name)
        return Properties(found, kind.properties if kind else None) if isinstance(found, dict) else found

    def entries(self, name: str) -> tuple[Properties, ...] | Unknown | None:
        """Read a list of mappings, which is UNKNOWN where one of them is."""
        found = self._read(name, _mappings)
        items = self._kinds[name].items if name in self._kinds else None
        kinds = items.properties if items else None
        return tuple(Properties(item, kinds) for item in found) if isinstance(found, tuple) else found

    def tags(self) -> Mapping[str, str | Unknown] | Unknown | None:
        """Read the tags whose keys are known, by key."""
        entries = self.entries("Tags")
        if not isinstance(entries, tuple):
            return entries
        found: dict[str, str | Unknown] = {}
        for entry in entries:
            key, value = entry.text("Key"), entry.text("Value")
            if isinstance(key, str) and value is not None:
                found[key] = value
        return found

    def _read(self, name: str, reader: Callable[[Resolved], T | Unknown | None]) -> T | Unknown | None:
        if self.values is None:
            return UNKNOWN
        if name not in self.values:
            return None
        found = reader(self.values[name])
        return UNKNOWN if found is None else found


def _text(value: Resolved) -> str | Unknown:
    found = resolved.text(value)
    return UNKNOWN if found is None else found


def _texts(value: Resolved) -> tuple[str | Unknown, ...] | Unknown | None:
    return tuple(_text(item) for item in value) if isinstance(value, list) else None


def _members(value: Resolved) -> dict[str, Resolved] | Unknown | None:
    return value if isinstance(value, dict | Unknown) else None


def _mappings(value: Resolved) -> tuple[dict[str, Resolved], ...] | None:
    items = value if isinstance(value, list) else []
    found = tuple(item for item in items if isinstance(item, dict))
    return found if isinstance(value, list) and len(found) == len(items) else None
