"""CacheEnvironment: how an application learns of its cache.

The constructs write these variables, and so does the emulator; an application reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ELASTICACHE_KIT_"
# The secret of the database behind a cache; where that is, libpq's own variables say: PGHOST, PGPORT, PGDATABASE.
DATABASE_SECRET_VARIABLE = "ELASTICACHE_KIT_DATABASE_SECRET_ARN"  # noqa: S105 - the name of a variable
TOPOLOGIES = ("cluster-mode-disabled", "cluster-mode-enabled")
AUTHS = ("none", "iam", "password")

_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEnvironment:
    """A cache as an application sees it; each field is one variable, for example ELASTICACHE_KIT_READER_ENDPOINT.

    Args:
        endpoint: the host to write to: the primary endpoint, or the configuration endpoint in cluster mode.
        reader_endpoint: the host to read from. Default: none, which in cluster mode is always so.
        port: the TCP port.
        engine: `valkey`, `redis` or `memcached`.
        engine_version: for example `9.0`. Default: not said.
        topology: `cluster-mode-disabled` or `cluster-mode-enabled`.
        tls: whether clients speak TLS.
        ca_file: the certificates to verify the nodes with. Default: those of the system.
        auth: how clients sign in: `none`, `iam` or `password`.
        user: the user to sign in as. Default: none.
        secret_arn: the secret that holds the password. Default: none.
        cache_name: the id of the cache, which an IAM token is made for. Default: not said.
        serverless: whether it is a serverless cache.
        region: the AWS Region. Default: not said.
    """

    endpoint: str
    reader_endpoint: str | None = None
    port: int = 6379
    engine: str = "valkey"
    engine_version: str | None = None
    topology: str = "cluster-mode-disabled"
    tls: bool = True
    ca_file: str | None = None
    auth: str = "none"
    user: str | None = None
    secret_arn: str | None = None
    cache_name: str | None = None
    serverless: bool = False
    region: str | None = None

    def to_env(self, prefix: str = PREFIX) -> dict[str, str]:
        """Return the variables; what is not given has none."""
        return {
            f"{prefix}{item.name.upper()}": _text(value)
            for item in fields(self)
            if (value := getattr(self, item.name)) is not None
        }

    @classmethod
    def from_env(cls, environ: Mapping[str, str], prefix: str = PREFIX) -> CacheEnvironment:
        """Read the variables; an empty one counts as not given.

        Raises:
            ValidationError: a variable is missing or is not what it should be; the message lists all of them.
        """
        given = {item.name: text for item in fields(cls) if (text := environ.get(f"{prefix}{item.name.upper()}", ""))}
        problems = [
            f"{prefix}{name.upper()} = {given[name]!r} is not {allowed}"
            for name, allowed in _ALLOWED.items()
            if name in given and not _is_allowed(name, given[name])
        ]
        if "endpoint" not in given:
            problems.insert(0, f"{prefix}ENDPOINT is not set: give the host name of the cache")
        if problems:
            raise ValidationError(
                "\n".join(["The environment describes no cache:", *(f"  {item}" for item in problems)])
            )
        return cls(**{name: _value(name, text) for name, text in given.items()})  # pyright: ignore[reportArgumentType] # each is what its field asks for, see _is_allowed


_ALLOWED = {
    "endpoint": "a host name alone: the port has a variable of its own",
    "reader_endpoint": "a host name alone: the port has a variable of its own",
    "port": f"a number from 1 to {_LARGEST_PORT}",
    "engine": "valkey, redis or memcached",
    "topology": " or ".join(TOPOLOGIES),
    "tls": "true or false",
    "auth": ", ".join(AUTHS),
    "serverless": "true or false",
}


def _is_allowed(name: str, text: str) -> bool:
    match name:
        case "endpoint" | "reader_endpoint":
            # As consoles and outputs of stacks show it, or as a URL; an address of IPv6 has more colons.
            return text.count(":") != 1 and "/" not in text and not any(map(str.isspace, text))
        case "port":
            return text.isascii() and text.isdigit() and 1 <= int(text) <= _LARGEST_PORT
        case "tls" | "serverless":
            return text in {"true", "false"}
        case "engine":
            return text in {"valkey", "redis", "memcached"}
        case "topology":
            return text in TOPOLOGIES
        case _:
            return text in AUTHS


def _value(name: str, text: str) -> str | int | bool:
    if name == "port":
        return int(text)
    return text == "true" if name in {"tls", "serverless"} else text


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
