"""A backend and a dispatcher of ours in the place of moto's: all its parts share the dictionaries that hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ROOT = "{0}/$"


def exchange(backends: Any, backend: type, urls: dict[str, Any], dispatch: Any) -> Callable[[], None]:
    """Put ours in and return what puts moto's back; the service is empty after both."""
    before = backends.backend, urls[ROOT]
    _put(backends, backend, urls, dispatch)
    return lambda: _put(backends, before[0], urls, before[1])


def _put(backends: Any, backend: Any, urls: dict[str, Any], dispatch: Any) -> None:
    backends.backend = backend
    backends.clear()
    urls[ROOT] = dispatch
