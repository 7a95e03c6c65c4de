"""Users: who signs in to a cache, how, and with which rights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import page, room
from elasticache_kit.emulator.action.argument import structure, structures, texts
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import sign_in as provision_sign_in
from elasticache_kit.emulator.state.user import BUILT_IN_USERS, User
from elasticache_kit.model import access_string
from elasticache_kit.model import user as rulebook
from elasticache_kit.model import user_group as group_rulebook
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

_NO_PASSWORD = "no-password"  # noqa: S105 - the name of a way to sign in
_FIRST_VERSIONS = {Engine.VALKEY: "7.2", Engine.REDIS: "6.0"}
_FIRST_IAM_VERSIONS = {Engine.VALKEY: "7.2", Engine.REDIS: "7.0"}
# The properties that DescribeUsers filters by, written in any of the ways that its pages write them.
_FILTERS = ("user_id", "user_name", "engine", "status")


@taking_turns
def create_user(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a user."""
    user_id = str(request.get("UserId", "")).lower()
    mode, passwords = _asked_mode(request)
    refuse(
        rulebook.check(
            rulebook.UserSpec(
                user_id=user_id,
                user_name=request.get("UserName"),
                engine=request.get("Engine"),
                access_string=request.get("AccessString"),
                authentication_mode=mode,
            )
        )
    )
    region.users.refuse_taken(user_id)
    room.for_one(region.users, "users-per-region", "UserQuotaExceeded")
    user = User(
        user_id=user_id,
        user_name=request["UserName"],
        arn=region.arn("user", user_id),
        engine=request["Engine"],
        access_string=request["AccessString"],
        authentication_type=_shown_type(mode),
        password_hashes=_hashes(passwords),
    )
    region.users[user_id] = user
    region.tag([user.arn], request)
    return describe(region, user)


def describe_users(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List users, or one by id, of one engine or by filters."""
    users = region.users.listed(request.get("UserId"))
    chosen = [user for user in users if request.get("Engine") in (None, user.engine)]
    for item in structures(request, "Filters"):
        name = str(item["Name"]).lower().replace("-", "").replace("_", "")
        field = next((field for field in _FILTERS if field.replace("_", "") == name), None)
        if field is None:
            raise invalid_value(f"Filter {item['Name']} is not one of {', '.join(_FILTERS)}.")
        chosen = [user for user in chosen if getattr(user, field) in item["Values"]]
    items, marker = page.cut(chosen, request, key=lambda user: user.user_id)
    return {"Users": [describe(region, user) for user in items], "Marker": marker}


@taking_turns
def modify_user(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the rights of a user, or how it signs in."""
    user = _changeable(region, request["UserId"])
    if request.get("AccessString") and request.get("AppendAccessString"):
        raise invalid_combination("AccessString and AppendAccessString exclude each other.")
    text = request.get("AccessString") or user.access_string
    if extra := request.get("AppendAccessString"):
        text = f"{text} {extra}"
    mode, passwords = _asked_mode(request)
    engine = request.get("Engine") or user.engine
    after = rulebook.UserSpec(
        user_id=user.user_id,
        user_name=user.user_name,
        engine=engine,
        access_string=text,
        authentication_mode=mode or _mode(user),
    )
    refuse(rulebook.check(after))
    for group in region.user_groups.values():
        if user.user_id in group.user_ids:
            users = tuple(after if item == user.user_id else spec(region.users[item]) for item in group.user_ids)
            refuse(
                group_rulebook.check(
                    group_rulebook.UserGroupSpec(
                        user_group_id=group.user_group_id,
                        engine=group.engine,
                        user_ids=tuple(group.user_ids),
                        users=users,
                    )
                )
            )
    user.status = "modifying"
    answer = describe(region, user)

    def finish() -> None:
        user.access_string, user.engine = text, engine
        if mode is not None:
            user.authentication_type = _shown_type(mode)
            user.password_hashes = _hashes(passwords)
        user.status = "active"
        provision_sign_in.renew_for(region, _groups(region, user))

    later(region, f"modify user {user.user_id}", runtime.current().lifecycle.timing.modify, finish)
    return answer


@taking_turns
def delete_user(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a user, also from its groups; a group of redis keeps its user `default`."""
    user = _changeable(region, request["UserId"])
    groups = _groups(region, user)
    if user.user_name == rulebook.DEFAULT and groups:
        raise Fault(
            "DefaultUserAssociatedToUserGroup",
            f"The user {user.user_id} has the name default and is a member of {', '.join(groups)}.",
        )
    user.status = "deleting"
    answer = describe(region, user)

    def finish() -> None:
        groups = _groups(region, user)
        for group_id in groups:
            region.user_groups[group_id].user_ids.remove(user.user_id)
        region.users.pop(user.user_id, None)
        provision_sign_in.renew_for(region, groups)

    later(region, f"delete user {user.user_id}", runtime.current().lifecycle.timing.delete, finish)
    return answer


def describe(region: Region, user: User) -> dict[str, Any]:
    """Show a user as the API does; no password is ever shown."""
    return {
        "UserId": user.user_id,
        "UserName": user.user_name,
        "Status": user.status,
        "Engine": user.engine,
        "MinimumEngineVersion": _minimum_version(user),
        "AccessString": user.access_string,
        "UserGroupIds": _groups(region, user),
        "Authentication": {
            "Type": user.authentication_type,
            "PasswordCount": len(user.password_hashes) if user.authentication_type == "password" else None,
        },
        "ARN": user.arn,
    }


def spec(user: User) -> rulebook.UserSpec:
    """Return a user as the rulebook judges it; the texts of its passwords are UNKNOWN."""
    return rulebook.UserSpec(
        user_id=user.user_id,
        user_name=user.user_name,
        engine=user.engine,
        access_string=user.access_string,
        authentication_mode=_mode(user),
    )


def _changeable(region: Region, user_id: str) -> User:
    if user_id.lower() in BUILT_IN_USERS:
        raise invalid_value(f"The user {user_id.lower()} belongs to every account and cannot be changed or deleted.")
    return region.users.at_rest(user_id, "InvalidUserState", "active")


def _groups(region: Region, user: User) -> list[str]:
    return [group.user_group_id for group in region.user_groups.values() if user.user_id in group.user_ids]


def _asked_mode(request: Mapping[str, Any]) -> tuple[rulebook.AuthenticationModeSpec | None, Sequence[str]]:
    """Return how a request says that the user signs in, None where it does not, and its passwords.

    No source says that AWS refuses two ways at once, so the rulebook warns; of them the one is taken that it judges by:
    the mode, then none, then passwords.
    """
    given = structure(request, "AuthenticationMode")
    passwords = texts(given, "Passwords") or texts(request, "Passwords")
    kind = given.get("Type")
    if kind is None and request.get("NoPasswordRequired"):
        kind = "no-password-required"
    if kind is None and passwords:
        kind = "password"
    if kind is None:
        return None, ()
    mode = rulebook.AuthenticationModeSpec(type=kind, passwords=tuple(passwords) or None)
    return mode, passwords if kind == "password" else ()


def _mode(user: User) -> rulebook.AuthenticationModeSpec:
    kind = "no-password-required" if user.authentication_type == _NO_PASSWORD else user.authentication_type
    passwords = tuple(UNKNOWN for _ in user.password_hashes)
    return rulebook.AuthenticationModeSpec(type=kind, passwords=passwords or None)


def _shown_type(mode: rulebook.AuthenticationModeSpec | None) -> str:
    kind = str(mode.type) if mode else ""
    return _NO_PASSWORD if kind == "no-password-required" else kind


def _hashes(passwords: Sequence[str]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(password.encode()).hexdigest() for password in passwords)


def _minimum_version(user: User) -> str:
    engine = Engine(user.engine)
    firsts = [(_FIRST_IAM_VERSIONS if user.authentication_type == "iam" else _FIRST_VERSIONS)[engine]]
    needs = access_string.read(user.access_string).needs
    firsts += [access_string.FIRST_VERSIONS[need].get(engine, firsts[0]) for need in needs]
    return max(firsts, key=lambda version: EngineVersion.of(engine, version).number)
