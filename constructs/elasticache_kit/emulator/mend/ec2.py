"""EC2, which takes long to import: moto makes three sessions meanwhile, and each of them reads EC2's whole model."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import boto3
from moto.core.base_backend import AccountSpecificBackend


def install() -> Callable[[], None]:
    """Import it with the session that moto has already; there is nothing to undo."""
    shared = AccountSpecificBackend.get_session()
    sessions: Any = boto3
    stock, sessions.Session = sessions.Session, lambda: shared
    try:
        import_module("moto.ec2.models")
    finally:
        sessions.Session = stock
    return lambda: None
