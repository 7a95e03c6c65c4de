"""Users that ElastiCache takes, by construction, and how they are asked for."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

from elasticache_kit.model import user
from elasticache_kit.model.unknown import Unknown
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec
from tests.property.member import request
from tests.property.replication_group import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.rule import Violation
    from tests.property.world import World

PASSWORDS = st.text(string.ascii_letters + string.digits + "!#$%&*()-_=+", min_size=16, max_size=128)
RIGHTS = st.sampled_from(
    ["on ~* +@all", "off ~* +@all", "on ~orders:* -@all +@read", "on %R~a:* resetchannels &news +get", "on ~* &* -@all"]
)


@st.composite
def good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> UserSpec:
    """Draw a user that ElastiCache takes."""
    name: str = draw(NAMES).lower()
    # The account has users of these names from the beginning.
    name = f"u-{name}" if name.startswith("default") else name
    engine: str = draw(st.sampled_from(["valkey", "redis"]))
    given = UserSpec(user_id=name, user_name=name, engine=engine, access_string=draw(RIGHTS))
    secrets = tuple(draw(st.lists(PASSWORDS, min_size=1, max_size=2, unique=True)))
    ways = [
        replace(given, authentication_mode=AuthenticationModeSpec(type="iam")),
        replace(given, authentication_mode=AuthenticationModeSpec(type="password", passwords=secrets)),
        replace(given, passwords=secrets, user_name=f"{name}-again"),
    ]
    if engine == "redis":
        ways += [
            replace(given, no_password_required=True),
            replace(given, authentication_mode=AuthenticationModeSpec(type="no-password-required")),
        ]
    return draw(st.sampled_from(ways))


def settled(spec: UserSpec, world: World) -> UserSpec:
    """Say passwords that only a deployment would know."""
    del world
    mode = spec.authentication_mode
    if isinstance(mode, AuthenticationModeSpec):
        mode = replace(mode, passwords=_known(mode.passwords))
    return replace(spec, passwords=_known(spec.passwords), authentication_mode=mode)


def requests(spec: UserSpec) -> Iterator[tuple[str, dict[str, Any], tuple[Violation, ...]]]:
    """Yield the request that asks for a user."""
    yield "create_user", request("CreateUser", spec), user.check(spec)


def undo(spec: UserSpec) -> tuple[str, dict[str, Any]]:
    """Return the request that removes a user."""
    return "delete_user", {"UserId": spec.user_id}


def _known(passwords: object) -> tuple[str, ...] | None:
    if not isinstance(passwords, tuple):
        return None
    found = cast("tuple[object, ...]", passwords)
    return tuple(
        string.ascii_letters[number] * 16 if isinstance(item, Unknown) else str(item)
        for number, item in enumerate(found)
    )
