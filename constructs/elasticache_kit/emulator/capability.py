"""The page on which an emulator says what it is; AWS has no such page."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import Any, cast

PATH = "/moto-api/elasticache-kit"
NAME = "elasticache-kit"
TIMEOUT_SECONDS = 30


def ask(endpoint_url: str) -> dict[str, Any] | None:
    """Return what an endpoint says of itself; None where it answers as something else than an emulator of this kit.

    Raises:
        OSError: it does not answer, or has no such page.
    """
    try:
        page: Any = json.loads(send(urllib.request.Request(f"{endpoint_url}{PATH}")))  # noqa: S310 - http only
    except (HTTPException, ValueError):
        return None
    found = cast("dict[str, Any]", page) if isinstance(page, dict) else {}
    return found if found.get("name") == NAME else None


def send(request: urllib.request.Request) -> bytes:
    """Send a request to this very address, through no proxy of the environment, and return the answer's body.

    Raises:
        OSError: nothing answers, or it answers with an error.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        return answer.read()
