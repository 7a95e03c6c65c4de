"""Users: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec

PASSWORD = "p" * 16
USER = UserSpec(
    user_id="anna",
    user_name="anna",
    engine="valkey",
    access_string="on ~orders:* -@all +@read",
    authentication_mode=AuthenticationModeSpec(type="password", passwords=(PASSWORD,)),
)
IAM = replace(USER, authentication_mode=AuthenticationModeSpec(type="iam"))
OPEN = replace(USER, authentication_mode=None, no_password_required=True)


def passwords(*found: str) -> UserSpec:
    """Return a user with some passwords."""
    return replace(USER, authentication_mode=AuthenticationModeSpec(type="password", passwords=found))


CASES: dict[str, tuple[UserSpec, UserSpec]] = {
    "user-required": (replace(USER, access_string=None), USER),
    "user-id": (replace(USER, user_id="an_na"), replace(USER, user_id="an--na-")),
    "user-id-doubtful": (replace(USER, user_id="a" * 41), replace(USER, user_id="a" * 40)),
    "user-engine": (replace(USER, engine="VALKEY"), USER),
    "user-auth-given": (
        replace(OPEN, engine="redis", no_password_required=None),
        replace(OPEN, engine="redis"),
    ),
    "user-auth-one-way": (
        replace(OPEN, engine="redis", passwords=(UNKNOWN,)),
        replace(OPEN, engine="redis", passwords=(UNKNOWN,), no_password_required=False),
    ),
    "user-passwords-count": (passwords(PASSWORD, "q" * 16, "r" * 16), passwords(PASSWORD, "q" * 16)),
    "user-password-format": (passwords("p" * 15 + "@"), passwords("p" * 15 + "~")),
    "user-iam-name": (replace(IAM, user_name="bert"), replace(IAM, user_name="Anna")),
    "user-iam-not-default": (replace(IAM, user_name="default"), replace(USER, user_name="default")),
    "user-valkey-no-nopass": (OPEN, replace(OPEN, engine="redis")),
    "user-access-string": (
        replace(USER, access_string="on ~* +@all -config"),
        replace(USER, access_string="off ~* +@all -@dangerous"),
    ),
    "user-access-string-doubtful": (replace(USER, access_string="~*"), replace(USER, access_string="off ~*")),
    "user-default-reserved": (
        replace(USER, user_id="default", user_name="default"),
        replace(USER, user_name="default"),
    ),
}
