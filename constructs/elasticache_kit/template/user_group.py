"""AWS::ElastiCache::UserGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.user_group import UserGroupSpec
from elasticache_kit.template import user
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.model.user import UserSpec
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::UserGroup"


def spec(scope: Scope, resource: Resource) -> UserGroupSpec:
    """Describe a user group to the rulebook."""
    properties = Properties.of(scope, resource)
    ids = properties.texts("UserIds")
    written = resource.properties.get("UserIds")
    users: tuple[UserSpec, ...] | None = None
    if isinstance(ids, tuple) and isinstance(written, list) and len(written) == len(ids):
        users = tuple(user.named(scope, item) for item in written)
    return UserGroupSpec(
        user_group_id=properties.text("UserGroupId"), engine=properties.text("Engine"), user_ids=ids, users=users
    )


def named(scope: Scope, value: Value) -> tuple[str | Unknown | None, tuple[UserSpec, ...] | Unknown | None]:
    """Return the engine and the users of the user group that a cache names, None where they are not known.

    Args:
        scope: the template.
        value: the id of the user group, or a list that holds it alone.
    """
    group = scope.linked(value, TYPE)
    if group is None:
        return None, None
    described = spec(scope, group)
    return described.engine, described.users
