"""Who may sign in to the engines of a group, and with what: AUTH tokens and users, in the engines' own words.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html for AUTH and
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html for users.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from elasticache_kit.emulator.fleet.command_guard import guarded
from elasticache_kit.model.access_string import read

DEFAULT_USER = "default"
EVERYTHING = "on ~* &* +@all"


@dataclass(frozen=True, slots=True)
class InternalAccount:
    """The engine user of the emulator itself, for its own connections and for replication.

    Args:
        secret: its password, which no client learns; a random one when omitted.
    """

    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    name: str = "elasticache-kit"

    @property
    def rules(self) -> tuple[str, ...]:
        """What the engine is told of it: everything is allowed."""
        return ("on", f"#{password_hash(self.secret)}", "~*", "&*", "+@all")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineUser:
    """A user, named as clients name it.

    Args:
        name: its user name.
        access_string: its rights, see `model.access_string`.
        password_hashes: its passwords, up to two, each as `password_hash` makes it. None and no other way to sign in
            means that nobody can.
        no_password: whether it signs in with any password or none.
        iam: whether it signs in with IAM tokens, which the front verifies; needs TLS.
    """

    name: str
    access_string: str
    password_hashes: tuple[str, ...] = field(default=(), repr=False)
    no_password: bool = False
    iam: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How clients sign in. With neither tokens nor users everybody may do everything without signing in.

    Args:
        token_hashes: the AUTH tokens that are valid, each as `password_hash` makes it: two while a token is rotated.
        open: whether clients may come without a token, too, as while a first one is rotated in. The engine then takes
            any token: a user without a password has no wrong ones.
        users: the users; tokens have no meaning beside them. None where there is no user group.
        serverless: whether IAM tokens must be made for a serverless cache.
    """

    token_hashes: tuple[str, ...] = field(default=(), repr=False)
    open: bool = False
    users: tuple[EngineUser, ...] | None = None
    serverless: bool = False

    @classmethod
    def of_tokens(cls, tokens: Iterable[str]) -> SignIn:
        """Return the sign-in with these AUTH tokens; an empty one among them stands for coming without any."""
        found = tuple(tokens)
        return cls(token_hashes=tuple(password_hash(token) for token in found if token), open="" in found)

    @property
    def judged_users(self) -> frozenset[str]:
        """Whose sign-ins the front holds: users with IAM tokens, and the default user while a first token comes in.

        To AUTH with a token alone engines say that no password is set, where the user has none.
        """
        if self.users is None:
            return frozenset({DEFAULT_USER} if self.open else ())
        return frozenset(user.name for user in self.users if user.iam)

    def accounts(self, internal: InternalAccount, iam_hash: str) -> Mapping[str, tuple[str, ...]]:
        """Give the engine's rules by user name, the default user and the emulator's own among them.

        Args:
            internal: the emulator's own user.
            iam_hash: the password that the front signs IAM users in with, hashed.
        """
        found: dict[str, tuple[str, ...]] = {DEFAULT_USER: self._default()}
        for user in self.users or ():
            found[user.name] = (*_keys(user, iam_hash), *guarded(read(user.access_string)))
        return {**found, internal.name: internal.rules}

    def _default(self) -> tuple[str, ...]:
        if self.users is not None:
            # Where no user is called so it is turned off.
            return ("off", "resetpass", "-@all")
        hashes = () if self.open else tuple(f"#{token}" for token in self.token_hashes)
        return (*(hashes or ("nopass",)), *guarded(read(EVERYTHING)))


def password_hash(password: str) -> str:
    """Give the form in which engines keep a password or token (SHA-256): only that goes to files and processes."""
    return hashlib.sha256(password.encode()).hexdigest()


def _keys(user: EngineUser, iam_hash: str) -> tuple[str, ...]:
    if user.no_password:
        return ("nopass",)
    return tuple(f"#{known}" for known in ((iam_hash,) if user.iam else user.password_hashes))
