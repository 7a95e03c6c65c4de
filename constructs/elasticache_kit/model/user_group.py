"""User groups: the users that a cache lets in.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Rule, Violation, apply, join

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.model.user import UserSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroupSpec:
    """A user group; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::UserGroup in snake_case, and this, which is none:

    Args:
        users: the users whose ids `user_ids` lists, in any order; None where nothing is known of them.
    """

    user_group_id: str | Unknown | None = None
    engine: str | Unknown | None = None
    user_ids: tuple[str | Unknown, ...] | Unknown | None = None

    users: tuple[UserSpec, ...] | Unknown | None = None


def check(spec: UserGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a user group, errors first."""
    return apply(RULES, spec)


RULES: tuple[Rule[UserGroupSpec], ...] = join("user_group", {})
