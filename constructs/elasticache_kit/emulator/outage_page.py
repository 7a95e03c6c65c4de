"""Outages over the wire: POST begins one and answers with its id, DELETE of that id ends it, GET tells of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator import capability
from elasticache_kit.errors import ElastiCacheKitError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.outage.outages import Outages

PATH = f"{capability.PATH}/faults"
LONGEST = 65536
_STATUSES: Mapping[type[ElastiCacheKitError], str] = {
    NotFoundError: "404 Not Found",
    RefusedError: "400 Bad Request",
    ElastiCacheKitError: "500 Internal Server Error",
}


def answer(outages: Outages, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request to `PATH` or below.

    Args:
        outages: those of the emulator.
        environ: the request, as WSGI gives it.
        start_response: what takes the status and headers of the answer.
    """
    status, page = _answer(outages, environ)
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(page).encode()]


def _answer(outages: Outages, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    method, rest = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PATH).strip("/")
    try:
        if method == "POST" and not rest:
            return "201 Created", outages.begin(_order(environ)).describe()
        if method == "DELETE" and rest:
            return "200 OK", outages.end(rest).describe()
        if method == "GET" and not rest:
            return "200 OK", {"faults": [outage.describe() for outage in outages.recorded()]}
    except ElastiCacheKitError as error:
        status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
        return status, {"error": str(error)}
    return "405 Method Not Allowed", {"error": f"GET or POST {PATH}, or DELETE {PATH}/<id>."}


def _order(environ: dict[str, Any]) -> dict[str, Any]:
    # A page in a browser cannot send this type to another origin unasked.
    if environ.get("CONTENT_TYPE", "").partition(";")[0] != "application/json":
        raise RefusedError("this fault", ["it must be sent as application/json"])
    size = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        order: Any = json.loads(environ["wsgi.input"].read(min(size, LONGEST)))
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise RefusedError("this fault", ["the body is no JSON object"])
    return cast("dict[str, Any]", order)
