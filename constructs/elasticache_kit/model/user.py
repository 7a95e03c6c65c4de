"""Users: who signs in to a cache, how, and with which rights.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import access_string, identifier, quota
from elasticache_kit.model.identifier import fold
from elasticache_kit.model.rule import HIDDEN, Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import UndecidedError, Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTHENTICATION_TYPES = ("iam", "password", "no-password-required")
ENGINES = ("valkey", "redis")
DEFAULT = "default"
SHORTEST_PASSWORD = 16
LONGEST_PASSWORD = 128
FORBIDDEN_IN_PASSWORDS = ',"/@'


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationModeSpec:
    """An AuthenticationMode; None is a member that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        type: `iam`, `password` or `no-password-required`.
        passwords: one or two, each a text or UNKNOWN.
    """

    type: str | Unknown | None = None
    passwords: tuple[str | Unknown, ...] | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSpec:
    """A user; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::User in snake_case. Of a user that is known by id alone every
    other field is UNKNOWN.
    """

    user_id: str | Unknown | None = None
    user_name: str | Unknown | None = None
    engine: str | Unknown | None = None
    access_string: str | Unknown | None = None
    authentication_mode: AuthenticationModeSpec | Unknown | None = None
    passwords: tuple[str | Unknown, ...] | Unknown | None = None
    no_password_required: bool | Unknown | None = None


def check(spec: UserSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a user, errors first."""
    return apply(RULES, spec)


def is_default(spec: UserSpec) -> bool:
    """Tell whether it is the user `default` that every account has."""
    return isinstance(spec.user_id, str) and fold(spec.user_id) == DEFAULT


def authentication_type(spec: UserSpec) -> str | None:
    """Return how a user signs in, one of AUTHENTICATION_TYPES; None where the spec names no way.

    Raises:
        UndecidedError: a value that matters is UNKNOWN.
    """
    mode = known(spec.authentication_mode)
    if mode is not None:
        kind = known(mode.type)
        return kind.lower() if kind is not None else None
    if known(spec.no_password_required):
        return "no-password-required"
    return "password" if known(spec.passwords) else None


def _required(spec: UserSpec) -> Iterator[Finding]:
    for name in ("user_id", "user_name", "engine", "access_string"):
        if getattr(spec, name) is None:
            yield Finding(name, None, "every user has one", f"give {name}")


def _user_id(spec: UserSpec) -> Iterator[Finding]:
    name = known(spec.user_id)
    for problem in identifier.user_id(name) if name is not None else ():
        yield Finding("user_id", name, f"the id {problem}", "take ASCII letters, digits and hyphens, a letter first")


def _user_id_doubtful(spec: UserSpec) -> Iterator[Finding]:
    name = known(spec.user_id)
    if name is None:
        return
    if len(name) > identifier.LONGEST_USER_ID:
        yield Finding(
            "user_id",
            name,
            f"ids of more than {identifier.LONGEST_USER_ID} characters are likely refused",
            "shorten it",
        )
    if name != fold(name):
        yield Finding("user_id", name, "ElastiCache stores it in lower case", f"write {fold(name)!r}")


def _engine(spec: UserSpec) -> Iterator[Finding]:
    engine = known(spec.engine)
    if engine is not None and engine not in ENGINES:
        yield Finding("engine", engine, "a user is of valkey or redis, in lower case", "take one of them")


def _way_given(spec: UserSpec) -> Iterator[Finding]:
    mode = known(spec.authentication_mode)
    if authentication_type(spec) is None:
        name = "authentication_mode" if mode is None else "authentication_mode.type"
        yield Finding(name, None, "a user signs in with IAM, a password or none", "choose one way")
    elif mode is not None and authentication_type(spec) not in AUTHENTICATION_TYPES:
        allowed = ", ".join(AUTHENTICATION_TYPES)
        yield Finding("authentication_mode.type", mode.type, f"it is one of {allowed}", "take one of them")


def _one_way(spec: UserSpec) -> Iterator[Finding]:
    ways = ["no_password_required"] if spec.no_password_required is True else []
    if isinstance(spec.passwords, tuple):
        ways.append("passwords")
    if isinstance(mode := spec.authentication_mode, AuthenticationModeSpec):
        ways.append("authentication_mode")
        if isinstance(mode.passwords, tuple) and isinstance(mode.type, str) and mode.type.lower() != "password":
            yield Finding(
                "authentication_mode.passwords",
                HIDDEN,
                f"they do not go with the type {mode.type!r}",
                "leave them out, or take type 'password'",
            )
    for way in ways if len(ways) > 1 else ():
        others = " and ".join(other for other in ways if other != way)
        yield Finding(way, HIDDEN, f"a user signs in one way, and there is {others} too", "keep one of them")


def _passwords_count(spec: UserSpec) -> Iterator[Finding]:
    name, passwords = _passwords(spec)
    if passwords is None:
        if authentication_type(spec) == "password":
            yield Finding(name, None, "a user with passwords has one or two", f"give one in {name}")
        return
    if not 1 <= len(passwords) <= quota.PASSWORDS_PER_USER:
        yield Finding(name, HIDDEN, f"a user has one or two passwords, not {len(passwords)}", "give one or two")
    texts = [password for password in passwords if isinstance(password, str)]
    if len(set(texts)) < len(texts):
        yield Finding(name, HIDDEN, "the two passwords are the same", "leave out one of them")


def _password_format(spec: UserSpec) -> Iterator[Finding]:
    name, passwords = _passwords(spec)
    for index, password in enumerate(passwords or ()):
        if not isinstance(password, str):
            continue
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            yield Finding(
                f"{name}[{index}]",
                HIDDEN,
                f"it has {len(password)} characters, and {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} are allowed",
                "take a longer one" if len(password) < SHORTEST_PASSWORD else "take a shorter one",
                "Passwords length must be between 16-128 characters.",
            )
        if not password.isprintable() or set(password) & set(FORBIDDEN_IN_PASSWORDS):
            yield Finding(
                f"{name}[{index}]",
                HIDDEN,
                "it holds something else than printable characters, or one of " + " ".join(FORBIDDEN_IN_PASSWORDS),
                "take another one",
            )


def _iam_name(spec: UserSpec) -> Iterator[Finding]:
    if authentication_type(spec) != "iam":
        return
    name, user_id = known(spec.user_name), known(spec.user_id)
    if name is not None and user_id is not None and fold(name) != fold(user_id):
        yield Finding(
            "user_name",
            name,
            f"a user that signs in with IAM is called like its id {user_id!r}",
            f"set user_name={user_id!r}",
        )


def _iam_not_default(spec: UserSpec) -> Iterator[Finding]:
    if known(spec.user_name) == DEFAULT and authentication_type(spec) == "iam":
        yield Finding(
            "user_name",
            DEFAULT,
            "the user default cannot sign in with IAM: the id that it would need is taken",
            "take another name, or a password",
        )


def _no_password(spec: UserSpec) -> Iterator[Finding]:
    if known(spec.engine) == "valkey" and authentication_type(spec) == "no-password-required":
        name = "no_password_required" if known(spec.authentication_mode) is None else "authentication_mode.type"
        yield Finding(name, True, "a user of valkey signs in with IAM or a password", "choose one of them")


def _access_string(spec: UserSpec) -> Iterator[Finding]:
    text = known(spec.access_string)
    if text is None:
        return
    for problem in access_string.problems(text):
        yield Finding(
            "access_string",
            access_string.masked(text),
            problem,
            "write for example 'on ~orders:* -@all +@read +@write'",
        )


def _access_string_doubtful(spec: UserSpec) -> Iterator[Finding]:
    text = known(spec.access_string)
    if text is None:
        return
    for doubt in access_string.doubts(text):
        yield Finding(
            "access_string", access_string.masked(text), doubt, "write for example 'on ~orders:* -@all +@read +@write'"
        )


def _default_reserved(spec: UserSpec) -> Iterator[Finding]:
    if is_default(spec):
        yield Finding(
            "user_id",
            spec.user_id,
            "every account has this user, and it cannot be changed",
            "take another id with user_name='default'",
        )


def _passwords(spec: UserSpec) -> tuple[str, tuple[str | Unknown, ...] | None]:
    """Return the passwords, and the property that holds them."""
    mode = known(spec.authentication_mode)
    if mode is not None:
        if not isinstance(mode.type, str) or mode.type.lower() != "password":
            raise UndecidedError
        return "authentication_mode.passwords", known(mode.passwords)
    return "passwords", known(spec.passwords)


RULES: tuple[Rule[UserSpec], ...] = join(
    "user",
    {
        "user-required": _required,
        "user-id": _user_id,
        "user-id-doubtful": _user_id_doubtful,
        "user-engine": _engine,
        "user-auth-given": _way_given,
        "user-auth-one-way": _one_way,
        "user-passwords-count": _passwords_count,
        "user-password-format": _password_format,
        "user-iam-name": _iam_name,
        "user-iam-not-default": _iam_not_default,
        "user-valkey-no-nopass": _no_password,
        "user-access-string": _access_string,
        "user-access-string-doubtful": _access_string_doubtful,
        "user-default-reserved": _default_reserved,
    },
)
