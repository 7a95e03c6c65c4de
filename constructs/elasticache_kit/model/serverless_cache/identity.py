"""Rules of the name, the description, the tags, the engine and its version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier, tag
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec

LONGEST_DESCRIPTION = 255
# The major versions that a serverless cache can run, oldest first.
MAJOR_VERSIONS = {Engine.VALKEY: ("7", "8", "9"), Engine.REDIS: ("7",), Engine.MEMCACHED: ("1.6",)}
_FORMATS = {
    Engine.VALKEY: re.compile(r"\d{1,3}"),
    Engine.REDIS: re.compile(r"\d{1,3}"),
    Engine.MEMCACHED: re.compile(r"\d{1,3}\.\d{1,3}"),
}


def required(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-required."""
    for name in ("serverless_cache_name", "engine"):
        if getattr(spec, name) is None:
            yield Finding(name, None, "every serverless cache has it", f"give {name}")


def cache_name(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-name."""
    name = known(spec.serverless_cache_name)
    for problem in identifier.serverless_cache_name(name) if name is not None else ():
        yield Finding("serverless_cache_name", name, f"the name {problem}", identifier.REMEDY)


def description(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-description."""
    text = known(spec.description)
    if text is None:
        return
    if len(text) > LONGEST_DESCRIPTION:
        yield Finding(
            "description", text, f"it has {len(text)} characters, at most {LONGEST_DESCRIPTION} are allowed", "cut it"
        )
    if "<" in text or ">" in text:
        yield Finding("description", text, "it holds < or >", "leave them out")


def engine(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-engine."""
    name = known(spec.engine)
    if name is not None and name not in tuple(Engine):
        yield Finding("engine", name, f"it is one of {', '.join(Engine)}", "take one of them")


def major_version(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-major-version."""
    name, text = engine_of(spec), known(spec.major_engine_version)
    if text is None or is_major_version(name, text):
        return
    offered = ", ".join(MAJOR_VERSIONS[name])
    yield Finding(
        "major_engine_version",
        text,
        f"a serverless cache of {name} runs {offered}; ElastiCache chooses the minor version",
        f"take {MAJOR_VERSIONS[name][-1]!r}",
    )


def major_version_known(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-major-version-known."""
    name, text = engine_of(spec), known(spec.major_engine_version)
    if text is not None and is_major_version(name, text) and text not in MAJOR_VERSIONS[name]:
        yield Finding(
            "major_engine_version",
            text,
            f"this version of {name} is not known",
            f"take {MAJOR_VERSIONS[name][-1]!r}, or go on if AWS offers it by now",
        )


def tags(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-tags."""
    yield from tag.findings(spec.tags)


def engine_of(spec: ServerlessCacheSpec) -> Engine:
    """Return the engine.

    Raises:
        UndecidedError: it is UNKNOWN, missing or none.
    """
    name = known(spec.engine)
    if name not in tuple(Engine):
        raise UndecidedError
    return Engine(name)


def is_major_version(name: Engine, text: str) -> bool:
    """Tell whether a text is a major version of an engine that is not too old for a serverless cache."""
    return bool(_FORMATS[name].fullmatch(text)) and number(text) >= number(MAJOR_VERSIONS[name][0])


def number(version: str) -> tuple[int, ...]:
    """Return a major version as numbers, for comparisons."""
    return tuple(int(part) for part in version.split("."))


CHECKS = {
    "sl-required": required,
    "sl-name": cache_name,
    "sl-description": description,
    "sl-engine": engine,
    "sl-major-version": major_version,
    "sl-major-version-known": major_version_known,
    "sl-tags": tags,
}
