"""How a drill gets into a replication group: TLS and sign-in."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from elasticache_kit.errors import ConnectionFailedError

if TYPE_CHECKING:
    from elasticache_kit.ops.resolver import Resolver


# A token of IAM is good for 15 minutes. One that is signed every minute is never near its end, also where a process
# hears of the next one late.
TOKEN_SECONDS = 60.0


class Tokens(Protocol):
    """What signs IAM tokens for one user."""

    def sign(self) -> str:
        """Return a token that was signed now, for the group that it was made for.

        Raises:
            ConnectionFailedError: there are no credentials to sign with.
        """
        ...

    def at(self, replication_group_id: str) -> Tokens:
        """Return what signs for the same user at another group."""
        ...


@dataclass(frozen=True, slots=True)
class Renewed:
    """The password or token is another one from now on; told to the processes of a drill.

    Args:
        password: the new one.
    """

    password: str = field(repr=False)


@dataclass(slots=True)
class Access:
    """What every connection of a drill needs to get in.

    Not frozen: everything that connects holds the same one, and a rotation under load gives it another password.

    Args:
        tls: verifies the server; None connects in plain text.
        username: the RBAC user; the default user when omitted.
        password: the user's password, the AUTH token, or the IAM token of the moment; no AUTH is sent when omitted.
        resolver: knows the names of a local ElastiCache; the system's resolver is asked for others, and when omitted.
        tokens: signs the IAM tokens of the user, and then `password` is left out; who has one signs in with a password.
        token_seconds: how old a token may become; a minute when omitted.
    """

    tls: ssl.SSLContext | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    resolver: Resolver | None = None
    tokens: Tokens | None = field(default=None, repr=False)
    token_seconds: float = TOKEN_SECONDS
    _signed_at: float = field(default=float("-inf"), repr=False)

    def __reduce__(self) -> tuple[type[Access], tuple[object, ...]]:
        """Give another process a token; what signs tokens, and with which credentials, stays in this one."""
        return Access, (self.tls, self.username, self.current(), self.resolver)

    @property
    def sign_in(self) -> tuple[str, ...]:
        """The AUTH command's parts; empty when none is to be sent.

        Raises:
            ConnectionFailedError: no IAM token can be signed.
        """
        password = self.current()
        if password is None:
            return ()
        return ("AUTH", self.username, password) if self.username else ("AUTH", password)

    def current(self) -> str | None:
        """Return what signs in now: the password, or an IAM token that is at most a minute old.

        Raises:
            ConnectionFailedError: no IAM token can be signed.
        """
        if self.tokens is not None and time.monotonic() - self._signed_at >= self.token_seconds:
            self.password, self._signed_at = self.tokens.sign(), time.monotonic()
        return self.password

    def renew(self, password: str) -> None:
        """Sign in with another password from now on; connections that are up stay up."""
        self.password = password

    def at(self, replication_group_id: str) -> Access:
        """Return how to get into another group as the same user: an IAM token is good for one group alone."""
        if self.tokens is None:
            return self
        tokens = self.tokens.at(replication_group_id)
        return Access(self.tls, self.username, None, self.resolver, tokens, self.token_seconds)


def unreachable(group_id: str, why: str) -> ConnectionFailedError:
    """Return the error for a group that cannot be reached.

    Args:
        group_id: the replication group.
        why: what a connection came to, beginning with its kind.
    """
    by_kind = _REMEDIES.get(why.partition(" ")[0], "Check the security group, and that this machine is inside the VPC")
    remedy = next((found for words, found in _SPECIAL.items() if words in why), by_kind)
    return ConnectionFailedError(f"{group_id} cannot be reached from here: {why}. {remedy}")


_SIGN_IN = (
    "Check ELASTICACHE_KIT_USER and ELASTICACHE_KIT_PASSWORD; with --iam-user, that the user signs in with IAM, and "
    "that these credentials may elasticache:Connect, to the group and as the user"
)
_REMEDIES = {
    "certificate": "Check ELASTICACHE_KIT_CA_FILE; unset it for AWS",
    "tls": "Check whether the group has TLS",
    "NOAUTH": _SIGN_IN,
    "NOPERM": "Let the user run INFO, GET, SET, MGET, UNLINK, SCAN and CLUSTER SLOTS on keys of the drill",
    "WRONGPASS": _SIGN_IN,
}
# By words behind the kind, which is that of other failures, too.
_SPECIAL = {
    # So the local ElastiCache calls endpoints that lead nowhere.
    ".invalid:": "No engine is behind it: start the emulator without --no-engines, see `emulator status`",
    "without any password": (
        "It asks for none: unset ELASTICACHE_KIT_PASSWORD, leave --secret and --iam-user out, or attach a user group"
    ),
}


class _Trust(ssl.SSLContext):
    """A context like that of `ssl.create_default_context`, which a drill can hand to the process of its instrument."""

    ca_file: str | None

    def __new__(cls, ca_file: str | None) -> Self:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context.ca_file = ca_file
        if ca_file is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(ca_file)
        return context

    def __reduce__(self) -> tuple[Callable[[str | None], ssl.SSLContext], tuple[str | None]]:
        return tls_context, (self.ca_file,)


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a context that verifies certificate and name.

    Args:
        ca_file: the certificate authority to trust; the system's authorities when omitted.

    Raises:
        ConnectionFailedError: the file cannot be read or holds no certificate.
    """
    if ca_file is not None and not Path(ca_file).is_file():
        raise ConnectionFailedError(
            f"the CA file {ca_file!r} does not exist: check ELASTICACHE_KIT_CA_FILE, or unset it for AWS"
        )
    try:
        return _Trust(ca_file)
    except (ssl.SSLError, OSError) as error:
        raise ConnectionFailedError(
            f"the CA file {ca_file!r} holds no certificate that can be used: {error}"
        ) from error
