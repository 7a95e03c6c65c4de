"""AWS::ElastiCache::User."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::User"


def spec(scope: Scope, resource: Resource) -> UserSpec:
    """Describe a user to the rulebook."""
    properties = Properties.of(scope, resource)
    mode = properties.inner("AuthenticationMode")
    return UserSpec(
        user_id=properties.text("UserId"),
        user_name=properties.text("UserName"),
        engine=properties.text("Engine"),
        access_string=properties.text("AccessString"),
        authentication_mode=mode
        if mode is None or isinstance(mode, Unknown)
        else AuthenticationModeSpec(type=mode.text("Type"), passwords=mode.texts("Passwords")),
        passwords=properties.texts("Passwords"),
        no_password_required=properties.boolean("NoPasswordRequired"),
    )


def named(scope: Scope, value: Value) -> UserSpec:
    """Describe a user that a user group names: one of the template, or one of which at most the id is known."""
    user = scope.linked(value, TYPE)
    if user is not None:
        return spec(scope, user)
    name = scope.resolve(value)
    return UserSpec(
        user_id=name if isinstance(name, str) else UNKNOWN,
        user_name=UNKNOWN,
        engine=UNKNOWN,
        access_string=UNKNOWN,
        authentication_mode=UNKNOWN,
        passwords=UNKNOWN,
        no_password_required=UNKNOWN,
    )
