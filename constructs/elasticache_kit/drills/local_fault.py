"""Faults of the local ElastiCache, asked for over its own endpoint. AWS has no such calls, see docs/faults.md."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.errors import ConnectionFailedError, RefusedError
from elasticache_kit.ops.session import CAPABILITY_PATH

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

_TIMEOUT_SECONDS = 60.0
_GONE = 404


def begin(session: Session, order: Mapping[str, Any]) -> str:
    """Begin a fault, and return its id when what it is about is broken.

    Raises:
        RefusedError: the local ElastiCache refuses it, with its reasons.
        ConnectionFailedError: it cannot be reached.
    """
    return str(_send(session, "POST", "", {"Region": session.region, **order}).get("id", ""))


def end(session: Session, fault_id: str) -> None:
    """End a fault; one that has ended already is no error.

    Raises:
        ConnectionFailedError: the local ElastiCache cannot be reached.
    """
    _send(session, "DELETE", f"/{fault_id}", None)


def going_on(session: Session) -> tuple[Mapping[str, Any], ...]:
    """Return the faults that have begun and not ended."""
    items = cast("list[Mapping[str, Any]]", _send(session, "GET", "", None).get("faults", []))
    return tuple(item for item in items if item.get("ended") is None)


def _send(session: Session, method: str, more: str, order: Mapping[str, Any] | None) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the endpoint that the session talks to
        f"{session.endpoint_url.rstrip('/')}{CAPABILITY_PATH}/faults{more}",
        method=method,
        data=None if order is None else json.dumps(order).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == _GONE and method == "DELETE":
            return {}
        raise RefusedError(f"the fault {(order or {}).get('kind', more)}", [_reason(error)]) from error
    except (OSError, ValueError) as error:
        raise ConnectionFailedError(f"the local ElastiCache does not answer: {error}") from error


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("error", error))
    except (OSError, ValueError):
        return str(error)
