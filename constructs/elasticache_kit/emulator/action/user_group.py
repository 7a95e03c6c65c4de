"""User groups: the users that a cache lets in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import page, room, user
from elasticache_kit.emulator.action.argument import names
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import sign_in as provision_sign_in
from elasticache_kit.emulator.state.user import BUILT_IN_USER_GROUP, UserGroup
from elasticache_kit.model import user_group as rulebook
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

_FIRST_VERSIONS = {Engine.VALKEY: "7.2", Engine.REDIS: "6.0"}


@taking_turns
def create_user_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a user group of users that exist."""
    group_id = str(request.get("UserGroupId", "")).lower()
    user_ids = list(names(request, "UserIds"))
    _check(region, group_id, request.get("Engine"), user_ids)
    region.user_groups.refuse_taken(group_id)
    room.for_one(region.user_groups, "user-groups-per-region", "UserGroupQuotaExceeded")
    group = UserGroup(group_id, region.arn("usergroup", group_id), request["Engine"], user_ids)
    region.user_groups[group_id] = group
    region.tag([group.arn], request)
    answer = describe(region, group)

    def finish() -> None:
        group.status = "active"

    later(region, f"create user group {group_id}", runtime.current().lifecycle.timing.modify, finish)
    return answer


def describe_user_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List user groups, or one by id."""
    groups = region.user_groups.listed(request.get("UserGroupId"))
    items, marker = page.cut(groups, request, key=lambda group: group.user_group_id)
    return {"UserGroups": [describe(region, group) for group in items], "Marker": marker}


@taking_turns
def modify_user_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add and remove users, or change the engine."""
    group = _changeable(region, request["UserGroupId"])
    adding = names(request, "UserIdsToAdd")
    removing = names(request, "UserIdsToRemove")
    engine = request.get("Engine") or group.engine
    if not adding and not removing and engine == group.engine:
        raise invalid_combination("Give UserIdsToAdd, UserIdsToRemove or Engine: nothing would change.")
    for user_id in adding:
        region.users.find(user_id)
    if present := [item for item in adding if item in group.user_ids]:
        raise invalid_value(f"Already in user group {group.user_group_id}: {', '.join(present)}.")
    if absent := [item for item in removing if item not in group.user_ids]:
        raise invalid_value(f"Not in user group {group.user_group_id}: {', '.join(absent)}.")
    after = [item for item in (*group.user_ids, *adding) if item not in removing]
    _check(region, group.user_group_id, engine, after)
    if engine == Engine.VALKEY and (
        redis := [
            item.replication_group_id
            for item in region.replication_groups.values()
            if group.user_group_id in item.user_group_ids and item.spec.engine != Engine.VALKEY
        ]
    ):
        raise invalid_combination(f"A user group of valkey cannot be attached to a cache of redis: {', '.join(redis)}.")
    group.status, group.adding, group.removing = "modifying", adding, removing
    answer = describe(region, group)

    def finish() -> None:
        group.user_ids, group.engine = after, engine
        group.status, group.adding, group.removing = "active", (), ()
        provision_sign_in.renew_for(region, [group.user_group_id])

    later(region, f"modify user group {group.user_group_id}", runtime.current().lifecycle.timing.modify, finish)
    return answer


@taking_turns
def delete_user_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a user group that no cache uses; its users stay."""
    group = _changeable(region, request["UserGroupId"])
    if caches := [*attached_replication_groups(region, group), *attached_serverless_caches(region, group)]:
        raise Fault(
            "InvalidUserGroupState", f"User group {group.user_group_id} is still attached to {', '.join(caches)}."
        )
    group.status = "deleting"
    answer = describe(region, group)
    later(
        region,
        f"delete user group {group.user_group_id}",
        runtime.current().lifecycle.timing.delete,
        lambda: region.user_groups.forget(group.user_group_id),
    )
    return answer


def describe(region: Region, group: UserGroup) -> dict[str, Any]:
    """Show a user group as the API does."""
    pending = {"UserIdsToRemove": list(group.removing), "UserIdsToAdd": list(group.adding)}
    return {
        "UserGroupId": group.user_group_id,
        "Status": group.status,
        "Engine": group.engine,
        "UserIds": list(group.user_ids),
        "MinimumEngineVersion": _FIRST_VERSIONS[Engine(group.engine)],
        "PendingChanges": pending if group.adding or group.removing else {},
        "ReplicationGroups": attached_replication_groups(region, group),
        "ServerlessCaches": attached_serverless_caches(region, group),
        "ARN": group.arn,
    }


def context(region: Region, user_group_ids: Sequence[str]) -> dict[str, Any]:
    """Return what the rulebook of a cache needs to know of its user groups.

    Raises:
        Fault: UserGroupNotFound; InvalidUserGroupState for one that is deleted or still made.
    """
    groups = [region.user_groups.find(item) for item in user_group_ids]
    for group in groups:
        if group.status not in ("active", "modifying"):
            raise Fault("InvalidUserGroupState", f"User group {group.user_group_id} is {group.status}.")
    if not groups:
        return {"user_group_engine": None, "user_group_users": None}
    return {
        "user_group_engine": groups[0].engine,
        "user_group_users": tuple(user.spec(region.users[item]) for item in groups[0].user_ids),
    }


def attached_replication_groups(region: Region, group: UserGroup) -> list[str]:
    """Name the replication groups that let the users of a group in."""
    return [
        item.replication_group_id
        for item in region.replication_groups.values()
        if group.user_group_id in item.user_group_ids
    ]


def attached_serverless_caches(region: Region, group: UserGroup) -> list[str]:
    """Name the serverless caches that let the users of a group in."""
    return [
        item.serverless_cache_name
        for item in region.serverless_caches.values()
        if item.spec.user_group_id == group.user_group_id
    ]


def _changeable(region: Region, group_id: str) -> UserGroup:
    if group_id.lower() == BUILT_IN_USER_GROUP:
        raise invalid_value(
            f"The user group {BUILT_IN_USER_GROUP} belongs to the service and cannot be changed or deleted."
        )
    return region.user_groups.at_rest(group_id, "InvalidUserGroupState", "active")


def _check(region: Region, group_id: str, engine: str | None, user_ids: Sequence[str]) -> None:
    if len(set(user_ids)) < len(user_ids):
        raise invalid_value("A user is named twice in UserIds.")
    refuse(
        rulebook.check(
            rulebook.UserGroupSpec(
                user_group_id=group_id,
                engine=engine,
                user_ids=tuple(user_ids),
                users=tuple(user.spec(region.users.find(item)) for item in user_ids),
            )
        )
    )
