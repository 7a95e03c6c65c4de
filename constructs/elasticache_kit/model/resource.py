"""Resources as CloudFormation takes them: which properties a type has, which it needs, and of which type each is.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElastiCache.html
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import resolved
from elasticache_kit.model.property import Property, properties, resource_types
from elasticache_kit.model.rule import HIDDEN, Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from elasticache_kit.model.resolved import Resolved

CACHE_SECURITY_GROUPS = ("AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress")

# Of two types the namespace alone is alike.
_NEAR = 0.85
_NAMESPACE = "AWS::ElastiCache::"
_CLUSTER_MODE = "ClusterMode"
# Their own rules refuse such a key, for their schemas do.
_TAGS_RULED = ("AWS::ElastiCache::ServerlessCache", "AWS::ElastiCache::GlobalReplicationGroup")
_SECRET = re.compile(r"token|pass|secret|auth$", re.IGNORECASE)
_READERS = {
    "string": resolved.text,
    "integer": resolved.integer,
    "number": resolved.number,
    "boolean": resolved.boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSpec:
    """A resource of a template.

    Args:
        type: for example `AWS::ElastiCache::ReplicationGroup`.
        properties: its properties; one that `AWS::NoValue` removes is not among them.
    """

    type: str
    properties: Mapping[str, Resolved]


def check(spec: ResourceSpec) -> tuple[Violation, ...]:
    """Return everything that CloudFormation refuses in a resource before ElastiCache gets to see it, errors first.

    The findings name properties as CloudFormation does, for example `NodeGroupConfiguration[0].Slots`.
    """
    return apply(RULES, spec)


def members(resource_type: str) -> Mapping[str, Property] | None:
    """Return the properties of a resource type; None where it is no type of ElastiCache."""
    return properties(resource_type) if resource_type in resource_types() else None


def is_unheard_of(resource_type: str) -> bool:
    """Tell whether a type should be one of ElastiCache and is none that CloudFormation is known to have."""
    return resource_type.startswith(_NAMESPACE) and resource_type not in resource_types()


def _type_is_known(spec: ResourceSpec) -> Iterator[Finding]:
    if is_unheard_of(spec.type):
        near = difflib.get_close_matches(spec.type, resource_types(), n=1, cutoff=_NEAR)
        message = "CloudFormation is not known to have this type, and nothing of it is checked"
        yield Finding(
            "Type", spec.type, message, f"take {near[0] if near else 'one of ' + ', '.join(resource_types())}"
        )


def _exists(spec: ResourceSpec) -> Iterator[Finding]:
    known = None if spec.type in CACHE_SECURITY_GROUPS else members(spec.type)
    for name, value in spec.properties.items() if known is not None else ():
        if known is not None and name not in known:
            yield _missing(name, name, value, known, f"{spec.type} has no such property")


def _member_exists(spec: ResourceSpec) -> Iterator[Finding]:
    for path, value, kind in _walk(spec):
        if path and isinstance(value, dict) and kind.properties is not None:
            for name, inner in value.items():
                if name not in kind.properties:
                    yield _missing(f"{path}.{name}", name, inner, kind.properties, f"{path} has no such member")


def _read_only(spec: ResourceSpec) -> Iterator[Finding]:
    for name, known in (members(spec.type) or {}).items():
        if known.read_only and name in spec.properties:
            yield Finding(name, _shown(name, spec.properties[name]), "it can be read and not set", "leave it out")


def _required(spec: ResourceSpec) -> Iterator[Finding]:
    for path, value, kind in _walk(spec):
        for name, known in (kind.properties or {}).items() if isinstance(value, dict) else ():
            if known.required and isinstance(value, dict) and name not in value:
                whole = f"{path}.{name}" if path else name
                yield Finding(whole, None, f"{path or spec.type} needs it", f"give {name}")


def _type(spec: ResourceSpec) -> Iterator[Finding]:
    for path, value, kind in _walk(spec):
        if value is None or isinstance(value, Unknown):
            continue
        match kind.type:
            case "list":
                fault, spoken = not isinstance(value, list), "a list"
            case "record" | "map":
                fault, spoken = not isinstance(value, dict), "a mapping"
            case scalar:
                fault = _READERS[scalar](value) is None
                spoken = f"{'an' if scalar == 'integer' else 'a'} {scalar}"
        if fault:
            yield Finding(path, _shown(path, value), f"it is {spoken}, and this is {_spoken(value)}", f"write {spoken}")


def _null(spec: ResourceSpec) -> Iterator[Finding]:
    for path, value, _ in _walk(spec):
        if value is None:
            yield Finding(
                path,
                None,
                "nothing is written there, and CloudFormation takes no null",
                "give a value, leave the property out, or write !Ref AWS::NoValue",
            )


def _cluster_mode_case(spec: ResourceSpec) -> Iterator[Finding]:
    value = spec.properties.get(_CLUSTER_MODE)
    known = (members(spec.type) or {}).get(_CLUSTER_MODE)
    if known is not None and isinstance(value, str) and known.spelled(value) != value:
        message = "it is taken, and later updates of other properties are refused, for ElastiCache spells it otherwise"
        yield Finding(_CLUSTER_MODE, value, message, f"write {known.spelled(value)}")


def _tag_key(spec: ResourceSpec) -> Iterator[Finding]:
    tags = spec.properties.get("Tags")
    if spec.type in _TAGS_RULED or not isinstance(tags, list):
        return
    for index, item in enumerate(tags):
        key = item.get("Key") if isinstance(item, dict) else None
        if isinstance(key, str) and key.lower().startswith("aws:"):
            yield Finding(
                f"Tags[{index}].Key", key, "keys that begin with aws: are reserved for AWS", "take another key"
            )


def _cache_security_group(spec: ResourceSpec) -> Iterator[Finding]:
    if spec.type in CACHE_SECURITY_GROUPS:
        yield Finding(
            "Type",
            spec.type,
            "cache security groups went with EC2-Classic",
            "take AWS::EC2::SecurityGroup, and name it in SecurityGroupIds or VpcSecurityGroupIds of the cache",
        )


def is_secret(name: str) -> bool:
    """Tell whether the value of a property, or of a parameter, is to be kept from all eyes."""
    return _SECRET.search(name) is not None


def _walk(spec: ResourceSpec) -> Iterator[tuple[str, Resolved, Property]]:
    """Yield every value whose type is known, the properties as a whole first, with its path."""
    known = members(spec.type)
    if known is not None and spec.type not in CACHE_SECURITY_GROUPS:
        yield from _inside("", dict(spec.properties), Property(name="", type="record", properties=known))


def _inside(path: str, value: Resolved, kind: Property) -> Iterator[tuple[str, Resolved, Property]]:
    yield path, value, kind
    if isinstance(value, list) and kind.items is not None:
        for index, item in enumerate(value):
            yield from _inside(f"{path}[{index}]", item, kind.items)
    elif isinstance(value, dict):
        for name, item in value.items():
            if kind.properties is not None and name in kind.properties:
                yield from _inside(f"{path}.{name}" if path else name, item, kind.properties[name])


def _missing(path: str, name: str, value: Resolved, known: Mapping[str, Property], message: str) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    # What a secret was meant to be is one under a wrong name too.
    shown = _shown(" ".join((path, *near)), value)
    return Finding(path, shown, message, f"take {near[0]}, or leave it out" if near else "leave it out")


def _shown(path: str, value: Resolved) -> object:
    """Return what a finding may show of a value."""
    if is_secret(path):
        return HIDDEN
    # Secrets may be inside, under whatever name.
    return _spoken(value) if isinstance(value, dict | list) else value


def _spoken(value: Resolved) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return f"a list of {len(value)}"
        case str():
            return "text"
        case bool():
            return "a boolean"
        case _:
            return "a number"


RULES: tuple[Rule[ResourceSpec], ...] = join(
    "resource",
    {
        "cfn-type-known": _type_is_known,
        "cfn-property-exists": _exists,
        "cfn-member-exists": _member_exists,
        "cfn-property-read-only": _read_only,
        "cfn-property-required": _required,
        "cfn-property-type": _type,
        "cfn-null": _null,
        "cfn-cluster-mode-case": _cluster_mode_case,
        "cfn-tag-key": _tag_key,
        "cfn-cache-security-group": _cache_security_group,
    },
)
