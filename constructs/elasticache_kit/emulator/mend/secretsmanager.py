"""Secrets Manager, whose rotation goes on in moto after its function has failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from elasticache_kit.emulator import rotation


def install() -> Callable[[], None]:
    """Rotate secrets our way and return what undoes that."""
    backend: Any = SecretsManagerBackend
    stock = backend.rotate_secret
    backend.rotate_secret = rotation.rotate_with(stock)

    def undo() -> None:
        backend.rotate_secret = stock

    return undo
