"""Where constructs are made from specs, and what all of them need; users and user groups."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.cdk import IamUser, NoPasswordUser, PasswordUser, UserGroup
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from aws_cdk import App, Stack
    from aws_cdk import aws_ec2 as ec2


@dataclass(frozen=True, slots=True)
class Site:
    """Where constructs are made: one stack for many of them, for a stack costs more than all that is checked in it.

    Args:
        app: the app, for stacks in other Regions.
        stack: a stack in a Region.
        vpc: a VPC with subnets in the zones `<Region>a` and `<Region>b`.
        made: how many ids were given out.
    """

    app: App
    stack: Stack
    vpc: ec2.IVpc
    made: list[str] = field(default_factory=list[str])

    def id(self, name: str = "It") -> str:
        """Return an id that no construct has."""
        self.made.append(name)
        return f"{name}{len(self.made)}"


def takes(kind: type, name: str) -> bool:
    """Tell whether a construct has an argument."""
    return name in inspect.signature(kind.__init__).parameters


def plain_of(kind: type, spec: Any, **others: Any) -> dict[str, Any]:
    """Return the arguments that a construct takes as the spec has them, and others where they are given."""
    given = {found.name: getattr(spec, found.name) for found in fields(spec) if takes(kind, found.name)} | others
    known = {name: value for name, value in given.items() if value is not None and not isinstance(value, Unknown)}
    return {name: _list(value) for name, value in known.items()}


def _list(value: Any) -> Any:
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value


def user_of(site: Site, spec: Any) -> Any:
    """Make a user by the class of its way to sign in."""
    names: dict[str, Any] = {"user_id": spec.user_id, "access_string": spec.access_string}
    mode = spec.authentication_mode
    kind = None if mode is None or isinstance(mode, Unknown) else mode.type
    if spec.user_id == "default" and isinstance(spec.user_name, Unknown):
        # The one that every account has.
        return NoPasswordUser.from_user_attributes(site.stack, site.id(), user_id="default", user_name="default")
    if kind == "iam":
        return IamUser(site.stack, site.id(), engine=engine_of(spec.engine), **names)
    if kind == "password":
        return PasswordUser(
            site.stack, site.id(), engine=engine_of(spec.engine), user_name=text_of(spec.user_name), **names
        )
    return NoPasswordUser(
        site.stack, site.id(), user_id=text_of(spec.user_id), user_name=text_of(spec.user_name) or "default"
    )


def engine_of(name: Any) -> Engine:
    """Return the engine of a name; what is none stays as it is, for the construct to refuse."""
    return Engine(name) if name in list(Engine) else name


def text_of(value: Any) -> str | None:
    """Return a text, None for anything else."""
    return value if isinstance(value, str) else None


def user_group_of(site: Site, spec: Any) -> Any:
    """Make a user group, with users that are made here or imported by their ids."""
    users: Any = [] if spec.users is None or isinstance(spec.users, Unknown) else spec.users
    made = [user_of(site, user) for user in users] or [
        PasswordUser.from_user_attributes(site.stack, site.id(), user_id=str(name)) for name in spec.user_ids or ()
    ]
    arguments: dict[str, Any] = {"users": made, **plain_of(UserGroup, spec, engine=engine_of(spec.engine), users=made)}
    return UserGroup(site.stack, site.id(), **arguments)
