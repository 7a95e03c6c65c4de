"""Clients under test: the libraries that applications use, with AWS's settings, their own, or the user's."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

from elasticache_kit.cache import connection
from elasticache_kit.errors import MissingToolError, ValidationError
from elasticache_kit.model.environment import CacheEnvironment

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.inventory import ReplicationGroup

AWS_SETTINGS, OWN_SETTINGS, USER_SETTINGS = "as AWS recommends", "the library's own", "the user's"


class Client(Protocol):
    """What a drill asks of a client for asyncio: what valkey-py, redis-py and valkey-glide have in common."""

    set: Callable[..., Awaitable[object]]
    get: Callable[[str], Awaitable[object]]
    delete: Callable[[Any], Awaitable[object]]


def expiring(client: Client, seconds: int) -> dict[str, Any]:
    """Return the argument of `set` that lets a key expire, which libraries name differently."""
    if type(client).__module__.partition(".")[0] != "glide":
        return {"ex": seconds}
    import glide  # noqa: PLC0415 - many megabytes

    return {"expiry": glide.ExpirySet(glide.ExpiryType.SEC, seconds)}


async def remove(client: Client, key: str) -> None:
    """Remove a key."""
    await client.delete([key] if type(client).__module__.partition(".")[0] == "glide" else key)


async def renew(client: Client, password: str) -> None:
    """Let a client sign in with another password; those of Python ask their target before each connection."""
    if type(client).__module__.partition(".")[0] == "glide":
        # Whoever still waits for its answer is told by the load.
        with suppress(Exception):
            await cast("Any", client).update_connection_password(password, immediate_auth=False)


@dataclass(slots=True, kw_only=True)
class Target:
    """What a client connects to; the argument of a client factory.

    It also is what valkey-py and redis-py call a credential provider: a client that is given it signs in with the
    password of the moment, as one does that reads it from Secrets Manager.

    Args:
        environment: the cache, as an application would find it in its environment.
        username: the RBAC user; None for the default user.
        password: the password, AUTH token or IAM token; None where none is sent.
        iam: whether it is an IAM token, and another one every minute.
    """

    environment: CacheEnvironment
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    iam: bool = False

    def renew(self, password: str) -> None:
        """Sign in with another password from now on."""
        self.password = password

    def get_credentials(self) -> tuple[str, str] | tuple[str]:
        """Return what signs in now: user and password, or the password alone."""
        return (self.username, self.password or "") if self.username else (self.password or "",)

    async def get_credentials_async(self) -> tuple[str, str] | tuple[str]:
        """Return the same."""
        return self.get_credentials()


Factory = Callable[[Target], Awaitable[Client]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A client under test.

    Args:
        name: what it is called on the command line.
        distribution: the package whose version is reported; None for the user's own.
        settings: whose settings it has, for people.
        make: connects it.
        module: what is imported of its library; None for the user's own.
    """

    name: str
    distribution: str | None
    settings: str
    make: Factory
    module: str | None = None

    @property
    def version(self) -> str | None:
        """The version of its library; None where it is not known."""
        try:
            return metadata.version(self.distribution) if self.distribution else None
        except metadata.PackageNotFoundError:
            return None

    @property
    def installed(self) -> bool:
        """Whether its library is there."""
        return self.module is None or find_spec(self.module) is not None

    def require(self) -> None:
        """Check that its library is there.

        Raises:
            MissingToolError: it is not; the message says how to install it.
        """
        if not self.installed:
            raise MissingToolError(
                self.distribution or self.name,
                [f"`import {self.module}` in this Python, because of the client {self.name}"],
                ["pip install 'elasticache-kit[drills]'"],
            )


def target(group: ReplicationGroup, access: Access) -> Target:
    """Return what clients of a replication group connect to."""
    first = group.node_groups[0]
    endpoint = group.configuration_endpoint if group.cluster_enabled else first.primary_endpoint
    reader = None if group.cluster_enabled else first.reader_endpoint
    if endpoint is None:
        raise ValidationError(f"{group.replication_group_id} has no endpoint that a client could connect to")
    if access.resolver is not None and access.resolver.knows(endpoint.address):
        raise ValidationError(
            f"clients under test ask the system's resolver, which does not know {endpoint.address}: start the local "
            "ElastiCache without --names, see docs/names.md"
        )
    environment = CacheEnvironment(
        endpoint=endpoint.address,
        reader_endpoint=reader.address if reader else None,
        port=endpoint.port,
        engine=group.engine,
        topology="cluster-mode-enabled" if group.cluster_enabled else "cluster-mode-disabled",
        tls=access.tls is not None,
        ca_file=getattr(access.tls, "ca_file", None),
    )
    return Target(
        environment=environment,
        username=access.username,
        password=access.current(),
        iam=access.tokens is not None,
    )


def _recommended(library: connection.Driver) -> Factory:
    """Return a factory of what `elasticache_kit.cache` makes: the settings of AWS's client guidance."""

    async def make(given: Target) -> Client:
        options = _signing_in(library, given)
        made = await connection.connect_async(environ=given.environment.to_env(), library=library, **options)
        return cast("Client", made)

    return make


def _signing_in(library: str, given: Target) -> dict[str, Any]:
    if given.password is None:
        return {}
    if library == "glide":
        import glide  # noqa: PLC0415 - many megabytes

        return {"credentials": glide.ServerCredentials(given.password, given.username)}
    return {"credential_provider": given}


def _plain(library: str) -> Factory:
    """Return a factory of what the library makes when it is told no more than where to go."""

    async def make(given: Target) -> Client:
        cluster = given.environment.topology == "cluster-mode-enabled"
        name = {"valkey": "Valkey", "redis": "Redis"}[library]
        module = importlib.import_module(f"{library}.asyncio.cluster" if cluster else f"{library}.asyncio")
        trust = {"ssl": True, "ssl_ca_certs": given.environment.ca_file} if given.environment.tls else {}
        # A token of IAM that is given once would do for 15 minutes: for those the libraries have their own way.
        signs_in: dict[str, Any] = (
            {"credential_provider": given} if given.iam else {"username": given.username, "password": given.password}
        )
        made: Any = getattr(module, f"{name}Cluster" if cluster else name)(
            host=given.environment.endpoint, port=given.environment.port, **signs_in, **trust
        )
        await made.ping()
        return cast("Client", made)

    return make


SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        subject.name: subject
        for subject in (
            Subject("valkey-py", "valkey", AWS_SETTINGS, _recommended("valkey"), "valkey"),
            Subject("redis-py", "redis", AWS_SETTINGS, _recommended("redis"), "redis"),
            Subject("valkey-glide", "valkey-glide", AWS_SETTINGS, _recommended("glide"), "glide"),
            Subject("valkey-py-defaults", "valkey", OWN_SETTINGS, _plain("valkey"), "valkey"),
            Subject("redis-py-defaults", "redis", OWN_SETTINGS, _plain("redis"), "redis"),
        )
    }
)


def find(name: str) -> Subject:
    """Return a client by its name, or by the dotted path of a factory of the user's own, `package.module:function`.

    The function takes a `Target` and returns a client for asyncio, or an awaitable of one: it has
    `set(key, value, ex=seconds)`, `get(key)` and `delete(key)`, or is a client of valkey-glide.

    Raises:
        ValidationError: there is no such client, and it is no path to a function.
        MissingToolError: its library is not installed.
    """
    if name in SUBJECTS:
        SUBJECTS[name].require()
        return SUBJECTS[name]
    module, colon, attribute = name.partition(":")
    allowed = f"give one of {', '.join(SUBJECTS)}, or the path of a client factory as package.module:function"
    if not colon:
        raise ValidationError(f"there is no client {name!r}: {allowed}")
    try:
        made: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ValidationError(f"the client factory {name!r} cannot be imported: {error}; {allowed}") from error
    if not callable(made):
        raise ValidationError(f"the client factory {name!r} is no function: {allowed}")

    async def make(given: Target) -> Client:
        client: object = made(given)
        return cast("Client", await client if inspect.isawaitable(client) else client)

    return Subject(name, None, USER_SETTINGS, make)
