"""Arguments of a request, with their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticache_kit.emulator.fault import invalid_value


class Request(dict[str, Any]):
    """The members of a request; one that an action cannot do without and that was not sent is asked for by name.

    SDKs look for required members themselves, and not every client is an SDK.
    """

    def __missing__(self, member: str) -> Any:
        raise invalid_value(f"The parameter {member} must be provided and must not be blank.")


def names(request: Mapping[str, Any], member: str) -> tuple[str, ...]:
    """Return a list of ids, in lower case, as ElastiCache keeps them; empty where it is not given."""
    given: list[Any] = request.get(member) or []
    return tuple(str(item).lower() for item in given)


def texts(request: Mapping[str, Any], member: str) -> tuple[str, ...]:
    """Return a list of texts as they are written; empty where it is not given."""
    given: list[Any] = request.get(member) or []
    return tuple(str(item) for item in given)


def structures(request: Mapping[str, Any], member: str) -> list[dict[str, Any]]:
    """Return a list of structures; empty where it is not given."""
    return request.get(member) or []


def structure(request: Mapping[str, Any], member: str) -> dict[str, Any]:
    """Return a structure; empty where it is not given."""
    return request.get(member) or {}
