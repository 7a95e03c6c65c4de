"""Global datastores: make a secondary the primary, or let one stand alone where its primary is lost.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Console.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops.plan import Call, Plan, Seen, State, Step, Wait
from elasticache_kit.ops.session import Session, code, reaching

TIMEOUT_SECONDS = 3600.0
PRIMARY = "PRIMARY"
# A global datastore whose only member left is its primary is `primary-only`.
_AT_REST = frozenset({"available", "primary-only"})
_PASSING = frozenset({"creating", "modifying", "associating", "disassociating"})
_NOT_FOUND = frozenset({"GlobalReplicationGroupNotFoundFault"})


@dataclass(frozen=True, slots=True)
class Member:
    """A replication group of a global datastore.

    Args:
        replication_group_id: its id.
        region: the Region that it is in.
        role: `PRIMARY` or `SECONDARY`.
        status: `associated`, `associating`, ...
        automatic_failover: within its Region.
    """

    replication_group_id: str
    region: str
    role: str
    status: str
    automatic_failover: str


@dataclass(frozen=True, slots=True)
class GlobalDatastore:
    """A global datastore as the API tells it.

    Args:
        global_replication_group_id: its id.
        status: `available`, `modifying`, ...
        members: its replication groups, the primary first.
    """

    global_replication_group_id: str
    status: str
    members: tuple[Member, ...]

    def member(self, region: str) -> Member | None:
        """Return the member in a Region, or None."""
        return next((item for item in self.members if item.region == region), None)


def observe(session: Session, global_id: str) -> GlobalDatastore:
    """Look at a global datastore.

    Raises:
        NotFoundError: there is none in this Region; the message names those that there are.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        try:
            answer = session.ask.describe_global_replication_groups(
                GlobalReplicationGroupId=global_id, ShowMemberInfo=True
            )
        except ClientError as error:
            if code(error) not in _NOT_FOUND:
                raise
            raise NotFoundError(_unknown(session, global_id)) from error
    record = answer["GlobalReplicationGroups"][0]
    members = [
        Member(
            replication_group_id=item.get("ReplicationGroupId", ""),
            region=item.get("ReplicationGroupRegion", ""),
            role=item.get("Role", ""),
            status=item.get("Status", "unknown"),
            automatic_failover=item.get("AutomaticFailover", "disabled"),
        )
        for item in record.get("Members", [])
    ]
    ordered = tuple(sorted(members, key=lambda item: (item.role != PRIMARY, item.region)))
    return GlobalDatastore(record.get("GlobalReplicationGroupId", global_id), record.get("Status", "unknown"), ordered)


def failover(world: GlobalDatastore, region: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Plan:
    """Plan to make the secondary of a Region the primary; the primary becomes a secondary.

    Args:
        world: the global datastore as it is.
        region: the Region whose member becomes the primary.
        timeout_seconds: how long to wait; an hour when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    operation = f"failover of {world.global_replication_group_id} to {region}"
    member = world.member(region)
    if member is None:
        raise RefusedError(operation, _absent(world, region))
    if reasons := _refusals(world, member):
        raise RefusedError(operation, reasons)
    reached = _primary(world.global_replication_group_id, region)
    if member.role == PRIMARY:
        return Plan(operation, () if world.status in _AT_REST else (Wait(reached, timeout_seconds),))
    call = (
        ("GlobalReplicationGroupId", world.global_replication_group_id),
        ("PrimaryRegion", region),
        ("PrimaryReplicationGroupId", member.replication_group_id),
    )
    steps: list[Step] = [
        *_beginning(world, timeout_seconds),
        Call("FailoverGlobalReplicationGroup", call, done=reached),
        Wait(reached, timeout_seconds),
    ]
    notes = (
        "writes that have not reached the other Region are lost; stop the writers first where that matters",
        "clients must be led to the endpoints of the new primary",
    )
    return Plan(operation, tuple(steps), notes)


def promote(world: GlobalDatastore, region: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Plan:
    """Plan to let the secondary of a Region stand alone, for example where the Region of the primary is lost.

    Args:
        world: the global datastore as it is.
        region: the Region whose member leaves and takes writes from then on.
        timeout_seconds: how long to wait; an hour when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    operation = f"{region} out of {world.global_replication_group_id}, to take writes itself"
    member = world.member(region)
    if member is None:
        raise RefusedError(operation, _absent(world, region))
    reasons = _refusals(world, member, leaving=True)
    if member.role == PRIMARY:
        reasons.append(f"{member.replication_group_id} in {region} is the primary, which takes writes already")
    if reasons:
        raise RefusedError(operation, reasons)
    call = (
        ("GlobalReplicationGroupId", world.global_replication_group_id),
        ("ReplicationGroupId", member.replication_group_id),
        ("ReplicationGroupRegion", region),
    )
    reached = _alone(world.global_replication_group_id, region)
    steps: list[Step] = [
        *_beginning(world, timeout_seconds),
        Call("DisassociateGlobalReplicationGroup", call, done=_leaving(world.global_replication_group_id, region)),
        Wait(reached, timeout_seconds),
    ]
    notes = (
        "it keeps what it has and follows the primary no more: what is written on both sides from then on is two",
        "it does not come back: to be a secondary again it must be made anew, empty",
    )
    return Plan(operation, tuple(steps), notes)


def _absent(world: GlobalDatastore, region: str) -> Sequence[str]:
    there = ", ".join(f"{item.region} ({item.role.lower()})" for item in world.members)
    return [f"it has no member in {region!r}: it has {there or 'none'}"]


def _refusals(world: GlobalDatastore, member: Member, *, leaving: bool = False) -> list[str]:
    reasons: list[str] = []
    if world.status not in _AT_REST | _PASSING:
        reasons.append(f"its status is {world.status!r}, from which it does not become 'available' by itself")
    passing = {"associated", "disassociating"} if leaving else {"associated"}
    if member.status not in passing:
        reasons.append(f"the member in {member.region} is {member.status!r}, and it must be 'associated': wait for it")
    return reasons


def _beginning(world: GlobalDatastore, timeout_seconds: float) -> tuple[Wait, ...]:
    if world.status in _AT_REST:
        return ()
    global_id = world.global_replication_group_id

    def look(session: Session) -> Seen:
        status = observe(session, global_id).status
        return Seen(status in _AT_REST, status)

    return (Wait(State(f"what goes on with {global_id} ({world.status}) has ended", look), timeout_seconds),)


def _primary(global_id: str, region: str) -> State:
    def look(session: Session) -> Seen:
        seen = observe(session, global_id)
        member = seen.member(region)
        there = member is not None and member.role == PRIMARY and seen.status in _AT_REST
        return Seen(there, f"{global_id} {seen.status}")

    return State(f"{region} is the primary of {global_id}", look)


def _leaving(global_id: str, region: str) -> State:
    def look(session: Session) -> Seen:
        member = observe(session, global_id).member(region)
        return Seen(member is None or member.status == "disassociating")

    return State(f"{region} is leaving", look)


def _alone(global_id: str, region: str) -> State:
    def look(session: Session) -> Seen:
        seen = observe(session, global_id)
        return Seen(seen.member(region) is None and seen.status in _AT_REST, f"{global_id} {seen.status}")

    return State(f"{region} has left {global_id}", look)


def _unknown(session: Session, global_id: str) -> str:
    with reaching():
        pages = session.ask.get_paginator("describe_global_replication_groups").paginate()
        ids = [item.get("GlobalReplicationGroupId", "") for page in pages for item in page["GlobalReplicationGroups"]]
    exist = f"there are: {', '.join(sorted(ids))}" if ids else "there is none"
    return f"there is no global datastore {global_id!r} in {session.where}; {exist}"
