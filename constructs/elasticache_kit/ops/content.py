"""What a replication group holds, as one number: a digest over all keys, to compare before and after.

It is read over a real client, from the primaries, so only where those are reachable. It does not depend on the order of
keys, on the number of shards or on how an engine lays data out; it is of a moment only while nobody writes.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops.inventory import Endpoint, ReplicationGroup

if TYPE_CHECKING:
    from elasticache_kit.ops.plan import Say
    from elasticache_kit.ops.session import Session

TAG = "elasticache-kit:digest"
_BATCH = 500
_TOLD_EVERY = 100_000
_TIMEOUT_SECONDS = 5.0
_MODULUS = 1 << 256

# What a command of a client takes: the pipeline, and what is asked about.
_Ask = Callable[[Any, Any], Any]

_READERS: dict[bytes, _Ask] = {
    b"string": lambda pipe, key: pipe.get(key),
    b"hash": lambda pipe, key: pipe.hgetall(key),
    b"list": lambda pipe, key: pipe.lrange(key, 0, -1),
    b"set": lambda pipe, key: pipe.smembers(key),
    b"zset": lambda pipe, key: pipe.zrange(key, 0, -1, withscores=True),
    b"stream": lambda pipe, key: pipe.xrange(key),
}


@dataclass(frozen=True, slots=True)
class Digest:
    """What was read.

    Args:
        keys: the number of keys.
        value: the sum of the SHA-256 of every key with its value, in hexadecimal digits.
    """

    keys: int
    value: str

    @property
    def text(self) -> str:
        """The digest as a tag holds it."""
        return f"{self.keys} keys {self.value}"


@dataclass(frozen=True, slots=True)
class Access:
    """How to get in.

    Args:
        ca_file: the certificate authority to trust; those of the system when omitted.
        username: the RBAC user; the default user when omitted.
        password: the user's password or the AUTH token; no AUTH is sent when omitted.
    """

    ca_file: str | None = None
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Access(username={self.username!r})"

    @classmethod
    def of(cls, session: Session, username: str | None = None) -> Access:
        """Read it from the environment: ELASTICACHE_KIT_CA_FILE and ELASTICACHE_KIT_PASSWORD."""
        local = session.capability.ca_file if session.capability else None
        ca_file = os.environ.get("ELASTICACHE_KIT_CA_FILE") or local
        return cls(ca_file, username, os.environ.get("ELASTICACHE_KIT_PASSWORD"))


class NotReadError(Exception):
    """The content could not be read, with the reason."""


@dataclass
class Comparison:
    """The content before and after; what was not read says why.

    Args:
        before: the digest that is expected.
        after: the digest that was read.
        why: why there is none.
    """

    before: str | None = None
    after: str | None = None
    why: str = "nobody asked for it"

    @property
    def verdict(self) -> str:
        """What the comparison says."""
        if self.before is None or self.after is None:
            return f"not compared: {self.why}"
        return "the same" if self.before == self.after else f"DIFFERENT: {self.before} before, {self.after} after"


def sign_in(group: ReplicationGroup, access: Access) -> None:
    """Sign in to every primary.

    Raises:
        RefusedError: a node is there and takes no such password.
        NotReadError: none can be reached from here, or the package `valkey` is not installed.
    """
    with _reading(group) as valkey:
        try:
            for client, _ in _clients(valkey, group, access):
                with client:
                    client.ping()
        except valkey.AuthenticationError as error:
            raise RefusedError(f"signing in to {group.replication_group_id}", [str(error)]) from None


@contextmanager
def _reading(group: ReplicationGroup) -> Generator[Any]:
    """Give the package `valkey`, and turn what it raises into one error.

    Raises:
        NotReadError: the group cannot be reached, or the package is not installed.
    """
    try:
        import valkey  # noqa: PLC0415 - the extra `ops` does not bring it, and only this needs it
        from valkey.exceptions import ValkeyError  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        raise NotReadError("the package 'valkey' is not installed: pip install valkey") from None
    try:
        yield valkey
    except (ValkeyError, OSError, ssl.SSLError) as error:
        raise NotReadError(f"{group.replication_group_id} cannot be read from here: {error}") from error


def read(group: ReplicationGroup, access: Access, say: Say = lambda _: None) -> Digest:
    """Read every key of a group and return the digest.

    Raises:
        NotReadError: it cannot be reached from here, or the package `valkey` is not installed.
    """
    total = keys = 0
    with _reading(group) as valkey:
        for client, databases in _clients(valkey, group, access):
            with client:
                for item in (item for database in databases(client) for item in _items(client, database)):
                    total = (total + int.from_bytes(item, "big")) % _MODULUS
                    keys += 1
                    if keys % _TOLD_EVERY == 0:
                        say(f"{keys} keys read")
    return Digest(keys, f"{total:064x}")


def canonical(database: int, key: bytes, kind: bytes, value: Any, expires: bool) -> bytes:
    """Return the SHA-256 of a key with its value, whatever order an engine gave the parts in."""
    parts: list[Any]
    if kind == b"hash":
        parts = sorted(value.items())
    elif kind == b"set":
        parts = sorted(value)
    else:
        parts = [value]
    text = repr((database, key, kind, parts, expires))
    return hashlib.sha256(text.encode()).digest()


def _clients(
    valkey: Any, group: ReplicationGroup, access: Access
) -> Iterator[tuple[Any, Callable[[Any], Iterable[int]]]]:
    """Yield a client of each primary, with what lists its databases."""
    options: dict[str, Any] = {
        "username": access.username,
        "password": access.password,
        "socket_timeout": _TIMEOUT_SECONDS,
        "socket_connect_timeout": _TIMEOUT_SECONDS,
        "ssl": group.transit_encryption,
    }
    if group.transit_encryption and access.ca_file:
        options["ssl_ca_certs"] = access.ca_file
    if group.cluster_enabled and group.configuration_endpoint is not None:
        at = group.configuration_endpoint
        with valkey.Valkey(host=at.address, port=at.port, **options) as client:
            # Of each range of slots: its first, its last, and then its nodes, the primary first.
            ranges: list[list[Any]] = client.execute_command("CLUSTER SLOTS")
        # A node that does not know its own name is the one that was asked.
        primaries = sorted({((item[2][0] or b"").decode() or at.address, int(item[2][1])) for item in ranges})
        for node in (Endpoint(*primary) for primary in primaries):
            yield valkey.Valkey(host=node.address, port=node.port, **options), lambda _: (0,)
        return
    for node_group in group.node_groups:
        at = node_group.primary_endpoint
        if at is None:
            raise NotReadError(f"node group {node_group.node_group_id} has no primary endpoint")
        yield valkey.Valkey(host=at.address, port=at.port, **options), _databases


def _databases(client: Any) -> list[int]:
    return sorted(int(name[2:]) for name in client.info("keyspace") if name.startswith("db"))


def _items(client: Any, database: int) -> Iterator[bytes]:
    if database:
        client.select(database)
    found: Iterator[bytes] = client.scan_iter(count=_BATCH)
    # SCAN may give a key twice while a table grows or shrinks.
    seen: set[bytes] = set()
    while batch := list(islice(found, _BATCH)):
        fresh = [key for key in dict.fromkeys(batch) if key not in seen]
        seen.update(fresh)
        kinds: list[bytes] = _pipelined(client, fresh, _type)
        values = _pipelined(client, list(zip(fresh, kinds, strict=True)), _reader)
        expiring: list[int] = _pipelined(client, fresh, _pttl)
        for key, kind, value, left in zip(fresh, kinds, values, expiring, strict=True):
            if kind != b"none":
                yield canonical(database, key, kind, value, left >= 0)


def _type(pipe: Any, key: bytes) -> None:
    pipe.type(key)


def _pttl(pipe: Any, key: bytes) -> None:
    pipe.pttl(key)


def _dump(pipe: Any, key: bytes) -> None:
    pipe.dump(key)


def _reader(pipe: Any, item: tuple[bytes, bytes]) -> None:
    key, kind = item
    # What no command reads as it is, a module's type for example, is taken as the engine would dump it.
    _READERS.get(kind, _dump)(pipe, key)


def _pipelined(client: Any, items: Sequence[Any], ask: _Ask) -> list[Any]:
    pipe = client.pipeline(transaction=False)
    for item in items:
        ask(pipe, item)
    return pipe.execute()
