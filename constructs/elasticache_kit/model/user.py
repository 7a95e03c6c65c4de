"""Users: who signs in to a cache, how, and with which rights.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Rule, Violation, apply, join

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown

AUTHENTICATION_TYPES = ("iam", "password", "no-password-required")


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


RULES: tuple[Rule[UserSpec], ...] = join("user", {})
