"""Brings TLS to a group that runs, or takes it away: engines change their port, the front comes before them or goes.

No process starts anew. Connections that exist stay as they are; new ones are refused for the moment of the change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Door
    from elasticache_kit.emulator.fleet.plan import GroupPlan


def change_tls(group: Group, make: Callable[[GroupPlan], Door], *, tls: bool, preferred: bool) -> None:
    """Let clients of a group come with TLS, or no longer.

    Args:
        group: the group that runs.
        make: makes the door of a plan.
        tls: whether clients connect with TLS.
        preferred: whether they may also come without it.

    Raises:
        EngineStartError: an engine or the front does not play along; then all is as it was.
    """
    if group.plan.tls == tls:
        if tls:
            group.prefer_tls(preferred=preferred)
        return
    plan = replace(group.plan, tls=tls, tls_preferred=tls and preferred)
    before, door = group.workshop.door, make(plan)
    door.admit(plan.sign_in.judged_users)
    door.prepare([holder.address for holder in (*group.nodes.values(), *group.endpoints.values())])
    try:
        group.change_door(door)
    except (OSError, ReplyError, EngineStartError) as error:
        group.change_door(before)
        raise EngineStartError(f"The TLS mode of {plan.key} could not change: {error}") from error
    group.plan = plan
