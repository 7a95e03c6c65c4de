"""Scope: what a template tells of the values in it, its intrinsic functions resolved as far as they go.

Anything that only a deployment knows is UNKNOWN: parameters, whatever their default, pseudo parameters, attributes,
imports. A value that `AWS::NoValue` removes is not there, and one that a condition may remove is UNKNOWN.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.model.resolved import Resolved
    from elasticache_kit.template.document import Resource, Template
    from elasticache_kit.template.located import Value

NO_VALUE = "AWS::NoValue"

# The property that names a resource, and the types of which Ref returns another one: the ARN.
NAMES = {
    "AWS::ElastiCache::CacheCluster": "ClusterName",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::ElastiCache::ServerlessCache": "ServerlessCacheName",
    "AWS::ElastiCache::ServerlessCacheSnapshot": "ServerlessCacheSnapshotName",
    "AWS::ElastiCache::Snapshot": "SnapshotName",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
    "AWS::ElastiCache::User": "UserId",
    "AWS::ElastiCache::UserGroup": "UserGroupId",
}

_REF_IS_ARN = ("AWS::ElastiCache::ServerlessCacheSnapshot", "AWS::ElastiCache::Snapshot")

_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = "{{resolve:"
_PARTS = 2


class _Absent(Enum):
    """A value that is not there, or that a condition may take away."""

    SURELY = "surely"
    PERHAPS = "perhaps"


_Found: TypeAlias = "Resolved | _Absent"


class Scope:
    """A template as what its values are looked up in."""

    def __init__(self, template: Template) -> None:
        self.template = template
        # Names that are being looked up: templates may refer to themselves in a circle.
        self._open: set[str] = set()

    def properties(self, resource: Resource) -> dict[str, Resolved] | None:
        """Return the properties of a resource; None where a macro would make them."""
        found = self.resolve(dict(resource.properties))
        return found if isinstance(found, dict) else None

    def resolve(self, value: Value) -> Resolved:
        """Return a value as far as the template tells it; one that is, or may be, taken away is UNKNOWN."""
        found = self._find(value)
        return UNKNOWN if isinstance(found, _Absent) else found

    def may_be_absent(self, value: Value) -> bool:
        """Tell whether a condition may take a value away."""
        return self._find(value) is _Absent.PERHAPS

    def linked(self, value: Value, *types: str) -> Resource | None:
        """Return the resource of the template that a value names, where it is of one of the types.

        It is named by Ref, Fn::GetAtt or Fn::Sub, or by the name that its own properties give it.
        """
        for name in references(value):
            resource = self.template.resources.get(name)
            if resource is not None and resource.type in types:
                return resource
        return next((item for item in self.of_types(*types) if self._is_name(value, item)), None)

    def of_types(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of some types."""
        return (resource for resource in self.template.resources.values() if resource.type in types)

    def _is_name(self, value: Value, resource: Resource) -> bool:
        written = resource.properties.get(NAMES.get(resource.type, ""))
        if value is None or written is None:
            return False
        if value == written:
            return True
        asked, own = self.resolve(value), self.resolve(written)
        return isinstance(asked, str) and isinstance(own, str) and asked.lower() == own.lower()

    def _find(self, value: Value) -> _Found:
        if isinstance(value, list):
            return self._list(value)
        if isinstance(value, dict):
            return self._mapping(value)
        # A dynamic reference is read while the stack is deployed.
        return UNKNOWN if isinstance(value, str) and _DYNAMIC in value else value

    def _list(self, value: list[Value]) -> _Found:
        found = [self._find(item) for item in value]
        # How long the list is, only a deployment knows.
        if _Absent.PERHAPS in found:
            return UNKNOWN
        return [item for item in found if not isinstance(item, _Absent)]

    def _mapping(self, value: dict[str, Value]) -> _Found:
        name, argument = next(iter(value.items()), ("", None))
        if len(value) == 1 and (name == "Ref" or name.startswith("Fn::")):
            function = _FUNCTIONS.get(name)
            return function(self, argument) if function is not None else UNKNOWN
        if any(key.startswith("Fn::") for key in value):
            # A macro or a loop makes members of its own.
            return UNKNOWN
        found = {key: self._find(item) for key, item in value.items()}
        return {
            key: UNKNOWN if item is _Absent.PERHAPS else item
            for key, item in found.items()
            if not isinstance(item, _Absent) or item is _Absent.PERHAPS
        }

    def ref(self, argument: Value) -> _Found:
        """Resolve Ref: the name of a resource where its own properties give it."""
        if argument == NO_VALUE:
            return _Absent.SURELY
        resource = self.template.resources.get(argument) if isinstance(argument, str) else None
        if resource is None or resource.logical_id in self._open or resource.type not in NAMES:
            return UNKNOWN
        if resource.type in _REF_IS_ARN:
            return UNKNOWN
        self._open.add(resource.logical_id)
        try:
            name = self.resolve(resource.properties.get(NAMES[resource.type]))
        finally:
            self._open.discard(resource.logical_id)
        return name if isinstance(name, str) else UNKNOWN

    def condition(self, argument: Value) -> _Found:
        """Resolve Fn::If: what both branches agree in."""
        if not isinstance(argument, list) or len(argument) != _PARTS + 1:
            return UNKNOWN
        one, other = self._find(argument[1]), self._find(argument[2])
        if one == other and type(one) is type(other):
            return one
        return _Absent.PERHAPS if isinstance(one, _Absent) or isinstance(other, _Absent) else UNKNOWN

    def substitute(self, argument: Value) -> _Found:
        """Resolve Fn::Sub where every variable is known."""
        written: list[Value] = argument if isinstance(argument, list) else [argument, {}]
        text, own = written if len(written) == _PARTS else (None, None)
        if not isinstance(text, str) or not isinstance(own, dict):
            return UNKNOWN
        found: list[str] = []
        end = 0
        for variable in _VARIABLE.finditer(text):
            found.append(text[end : variable.start()])
            end = variable.end()
            if variable[1]:
                found.append(f"${{{variable[2]}}}")
                continue
            value = self.resolve(own[variable[2]]) if variable[2] in own else self.ref(variable[2])
            if not isinstance(value, str | int):
                return UNKNOWN
            found.append(str(value))
        whole = "".join([*found, text[end:]])
        return UNKNOWN if _DYNAMIC in whole else whole

    def join(self, argument: Value) -> _Found:
        """Resolve Fn::Join where every part is known."""
        separator, parts = self._two(argument)
        if not isinstance(separator, str) or not isinstance(parts, list):
            return UNKNOWN
        texts = [str(part) for part in parts if isinstance(part, str | int)]
        return separator.join(texts) if len(texts) == len(parts) else UNKNOWN

    def split(self, argument: Value) -> _Found:
        """Resolve Fn::Split of a known text."""
        separator, text = self._two(argument)
        if not isinstance(separator, str) or not separator or not isinstance(text, str):
            return UNKNOWN
        return [*text.split(separator)]

    def select(self, argument: Value) -> _Found:
        """Resolve Fn::Select from a known list."""
        index, items = self._two(argument)
        number = int(index) if isinstance(index, int | str) and str(index).isdigit() else None
        return items[number] if isinstance(items, list) and number is not None and number < len(items) else UNKNOWN

    def find_in_map(self, argument: Value) -> _Found:
        """Resolve Fn::FindInMap: what all entries say that its keys may lead to."""
        keys = self.resolve(argument)
        if not isinstance(keys, list) or len(keys) != _PARTS + 1:
            return UNKNOWN
        found: list[Value] = [dict(self.template.mappings)]
        for key in keys:
            found = [inner for item in found if isinstance(item, dict) for inner in _entries(item, key)]
        agreed = bool(found) and all(item == found[0] for item in found)
        return self.resolve(found[0]) if agreed else UNKNOWN

    def length(self, argument: Value) -> _Found:
        """Resolve Fn::Length of a known list."""
        found = self.resolve(argument)
        return len(found) if isinstance(found, list) else UNKNOWN

    def _two(self, argument: Value) -> tuple[Resolved, Resolved]:
        found = [self.resolve(item) for item in argument] if isinstance(argument, list) else []
        return (found[0], found[1]) if len(found) == _PARTS else (UNKNOWN, UNKNOWN)


def references(value: Value) -> Iterator[str]:
    """Yield the logical ids that a value refers to by Ref, Fn::GetAtt or Fn::Sub, wherever inside it.

    What a condition chooses between is not among them.
    """
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref" and isinstance(argument, str):
                yield argument
            elif name == "Fn::GetAtt":
                target = argument[0] if isinstance(argument, list) and argument else argument
                yield from [target.split(".", 1)[0]] if isinstance(target, str) else []
            elif name == "Fn::Sub":
                text = argument[0] if isinstance(argument, list) and argument else argument
                yield from _variables(text) if isinstance(text, str) else ()
                yield from references(argument)
            elif name != "Fn::If":
                yield from references(argument)


def _variables(text: str) -> Iterator[str]:
    for variable in _VARIABLE.finditer(text):
        if not variable[1]:
            yield variable[2].strip().split(".", 1)[0]


def _entries(mapping: dict[str, Value], key: Resolved) -> list[Value]:
    """Return the entry of a mapping; every one where the key is UNKNOWN."""
    if isinstance(key, Unknown):
        return list(mapping.values())
    return [mapping[str(key)]] if str(key) in mapping else []


_FUNCTIONS: dict[str, Callable[[Scope, Value], _Found]] = {
    "Ref": Scope.ref,
    "Fn::If": Scope.condition,
    "Fn::Sub": Scope.substitute,
    "Fn::Join": Scope.join,
    "Fn::Split": Scope.split,
    "Fn::Select": Scope.select,
    "Fn::FindInMap": Scope.find_in_map,
    "Fn::Length": Scope.length,
}
