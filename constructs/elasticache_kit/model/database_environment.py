"""DatabaseEnvironment: how an application learns of the database behind its cache.

The constructs write these variables beside those of the cache, and an application, or the listener that invalidates,
reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

DATABASE_PREFIX = "ELASTICACHE_KIT_DATABASE_"
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseEnvironment:
    """A PostgreSQL database as an application sees it; each field is one variable.

    Args:
        host: the host to write to; a listener needs the writer, and no proxy, which would pin or lose NOTIFY.
        port: the TCP port.
        name: the database. Default: `postgres`.
        secret_arn: the secret with `username` and `password`. Default: none, and the client library looks for them in
            its own ways.
    """

    host: str
    port: int = 5432
    name: str = "postgres"
    secret_arn: str | None = None

    def to_env(self, prefix: str = DATABASE_PREFIX) -> dict[str, str]:
        """Return the variables; what is not given has none."""
        return {
            f"{prefix}{item.name.upper()}": str(value)
            for item in fields(self)
            if (value := getattr(self, item.name)) is not None
        }

    @classmethod
    def from_env(cls, environ: Mapping[str, str], prefix: str = DATABASE_PREFIX) -> DatabaseEnvironment:
        """Read the variables; an empty one counts as not given.

        Raises:
            ValidationError: a variable is missing or is not what it should be; the message lists all of them.
        """
        given = {item.name: text for item in fields(cls) if (text := environ.get(f"{prefix}{item.name.upper()}", ""))}
        port = given.pop("port", str(cls.__dataclass_fields__["port"].default))
        problems: list[str] = []
        if "host" not in given:
            problems.append(f"{prefix}HOST is not set: give the host name of the database")
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= _LARGEST_PORT):
            problems.append(f"{prefix}PORT = {port!r} is not a number from 1 to {_LARGEST_PORT}")
        if problems:
            lines = ["The environment describes no database:", *(f"  {item}" for item in problems)]
            raise ValidationError("\n".join(lines))
        return cls(**given, port=int(port))
