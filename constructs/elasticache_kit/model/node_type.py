"""Node types: what a node has and can do.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.data import load
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.unknown import is_deferred

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"cache\.([a-z]+\d+[a-z]*)\.(micro|small|medium|large|\d*xlarge)")


class _NodeTypeFact(TypedDict):
    family: str
    size: str
    generation: str
    memory_gib: NotRequired[float]
    vcpu: NotRequired[int]
    maxmemory_bytes: NotRequired[int]
    maxclients: NotRequired[int]
    ssd_gib: NotRequired[float]
    engine_min_version: dict[str, str]
    supports: list[str]
    regions_missing: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type.

    Args:
        name: for example `cache.r7g.large`.
        family: for example `r7g`; empty where only a deployment knows it.
        size: for example `large`; empty where only a deployment knows it.
        memory_gib: its memory in GiB; None where no page tells.
        vcpu: its virtual processors; None where no page tells.
        maxmemory_bytes: what the engine may use of its memory; None where no page tells.
        maxclients: how many connections it takes; None where no page tells.
        features: what it can do, for example `data_tiering` or `create_new`.
        engine_min_versions: the first version of each engine that runs on it; an engine without one does not.
        regions_missing: the Regions that do not offer it.
        known: whether the model's data names it.
    """

    name: str
    family: str
    size: str
    memory_gib: float | None
    vcpu: int | None
    maxmemory_bytes: int | None
    maxclients: int | None
    features: frozenset[str]
    engine_min_versions: tuple[EngineVersion, ...]
    regions_missing: frozenset[str]
    known: bool

    @classmethod
    def of(cls, name: str) -> NodeType:
        """Return a node type, also one that came out after this release, or that only a deployment knows.

        Of a token (the value of a CfnParameter, for example) nothing is known: no rule speaks, the construct leaves
        data tiering out, and an alarm whose threshold follows from the node type needs a threshold of yours.

        Raises:
            ValidationError: the text is not the name of a node type.
        """
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody runs a type checker
            raise ValidationError(f"{name!r} is not a node type: give a text such as 'cache.t4g.small'")
        found = node_types().get(name)
        if found is not None:
            return found
        parts = _NAME.fullmatch(name)
        if parts is None and not is_deferred(name):
            raise ValidationError(f"{name!r} is not a node type: give a name such as 'cache.t4g.small'")
        return cls(
            name=name,
            family=parts[1] if parts else "",
            size=parts[2] if parts else "",
            memory_gib=None,
            vcpu=None,
            maxmemory_bytes=None,
            maxclients=None,
            features=frozenset(),
            engine_min_versions=(),
            regions_missing=frozenset(),
            known=False,
        )

    def supports(self, feature: str) -> bool:
        """Tell whether this node type has a feature; a name that no node type has is False."""
        return feature in self.features

    def min_version(self, engine: Engine) -> EngineVersion | None:
        """Return the first version of an engine that runs on it, None where none does."""
        return next((version for version in self.engine_min_versions if version.engine == engine), None)

    def __str__(self) -> str:
        return self.name


@cache
def node_types() -> Mapping[str, NodeType]:
    """Return every node type by name, those of previous generations too."""
    facts = cast("Mapping[str, Mapping[str, _NodeTypeFact]]", load("node_types"))["node_types"]
    return {name: _node_type(name, fact) for name, fact in facts.items()}


@cache
def node_families() -> frozenset[str]:
    """Return the families of the node types, for example `r7g`."""
    return frozenset(node_type.family for node_type in node_types().values())


def _node_type(name: str, fact: _NodeTypeFact) -> NodeType:
    return NodeType(
        name=name,
        family=fact["family"],
        size=fact["size"],
        memory_gib=fact.get("memory_gib"),
        vcpu=fact.get("vcpu"),
        maxmemory_bytes=fact.get("maxmemory_bytes"),
        maxclients=fact.get("maxclients"),
        features=frozenset(fact["supports"]),
        engine_min_versions=tuple(
            EngineVersion.of(engine, version) for engine, version in fact["engine_min_version"].items()
        ),
        regions_missing=frozenset(fact.get("regions_missing", ())),
        known=True,
    )
