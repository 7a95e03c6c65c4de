"""Requests for users and user groups, from specs of the rulebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticache_kit.model.unknown import UNKNOWN
from tests.emulator.members import Wire, members_of
from tests.emulator.wire import until


def people(wire: Wire, spec: Any) -> str:
    """Make the user group that a spec describes, and return its id."""
    engine = str(spec.user_group_engine or spec.engine)
    users = [_named_user(wire, user, engine) for user in spec.user_group_users or ()]
    if engine == "redis":
        users.append("default")
    group_id = wire.name()
    wire.elasticache.create_user_group(UserGroupId=group_id, Engine=engine, UserIds=users)
    until(
        lambda: wire.elasticache.describe_user_groups(UserGroupId=group_id),
        lambda answer: answer["UserGroups"][0]["Status"] == "active",
    )
    return group_id


def _named_user(wire: Wire, spec: Any, engine: str) -> str:
    name = wire.name()
    return _active(wire, {**_user_request(wire, spec), "UserId": name, "UserName": name, "Engine": engine})


def _active(wire: Wire, request: Mapping[str, Any]) -> str:
    """Make a user, and return its id once it is active."""
    wire.elasticache.create_user(**request)
    until(
        lambda: wire.elasticache.describe_users(UserId=request["UserId"]),
        lambda answer: answer["Users"][0]["Status"] == "active",
    )
    return str(request["UserId"])


def user(wire: Wire, spec: Any) -> object:
    """Ask for a user."""
    request = _user_request(wire, spec)
    if spec.user_id == "anna":
        # A user that signs in with IAM has its id for a name, so both change together.
        same = str(spec.user_name).lower() == spec.user_id
        request["UserId"] = wire.name()
        request["UserName"] = request["UserId"] if same else spec.user_name
    return wire.elasticache.create_user(**request)


def _user_request(wire: Wire, spec: Any) -> dict[str, Any]:
    request = members_of(wire, "create_user", spec)
    passwords: Any = spec.passwords
    if not (passwords is None or passwords is UNKNOWN):
        request["Passwords"] = ["x" * 16 for _ in passwords]
    mode: Any = spec.authentication_mode
    if not (mode is None or mode is UNKNOWN):
        said = {"Type": mode.type, "Passwords": mode.passwords and list(mode.passwords)}
        request["AuthenticationMode"] = {name: value for name, value in said.items() if value is not None}
    return request


def user_group(wire: Wire, spec: Any) -> object:
    """Ask for a user group, with users that are made before."""
    request = members_of(wire, "create_user_group", spec)
    request.pop("Users", None)
    if request.get("UserGroupId") == "people":
        request["UserGroupId"] = wire.name()
    if spec.users is not None:
        request["UserIds"] = [_member(wire, user) for user in spec.users]
    return wire.elasticache.create_user_group(**request)


def _member(wire: Wire, spec: Any) -> str:
    if spec.user_id == "default":
        return "default"
    return _active(wire, {**_user_request(wire, spec), "UserId": wire.name()})
