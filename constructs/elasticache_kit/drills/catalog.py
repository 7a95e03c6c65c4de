"""The drills by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from elasticache_kit.drills import guard, world
from elasticache_kit.drills.backup import Backup
from elasticache_kit.drills.credential_rotation import Rotation
from elasticache_kit.drills.fault import Failover, Fault, NoFault, Reboot
from elasticache_kit.drills.global_failover import GlobalFailover
from elasticache_kit.drills.interruption import Interruption
from elasticache_kit.drills.planned import Planned, Stage
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.requested import Requested
from elasticache_kit.errors import RefusedError
from elasticache_kit.model.engine import Engine, EngineVersion, latest
from elasticache_kit.ops import experiment, failover, parameter_group, reboot, scale, shard, upgrade

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.world import Other
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a drill's fault is made for.

    Args:
        session: the API.
        group: the replication group as it was observed.
        node_group: the node group that was asked for; None leaves the choice.
        access: how to get into the cache.
        timeout_seconds: how long to wait for the group to be whole again.
        run_id: the drill's id.
        hold_seconds: for how long a fault goes on that has to be ended.
        record: where changes are written down; None for a drill that is only shown.
        secret: the secret that holds the password that the load signs in with; None where none was named.
        other: the secondary of a global datastore that is to take the writes; None where none was asked for.
        fis_template: the experiment template of AWS FIS that takes the power from a zone; None where none was named.
        watched: whether the drill has a stop condition.
    """

    session: Session
    group: ReplicationGroup
    access: Access
    timeout_seconds: float
    run_id: str
    node_group: str | None = None
    hold_seconds: float = 5.0
    record: Record | None = None
    secret: str | None = None
    other: Other | None = None
    fis_template: str | None = None
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """A kind of experiment.

    Args:
        name: what it is called on the command line.
        summary: what it does, in one line.
        fault: makes its fault; refuses what cannot work.
        failovers: tells how many calls of TestFailover it makes.
        breaks: whether it breaks or changes anything, which the guard rails must allow.
        spans: whether it goes over two Regions.
    """

    name: str
    summary: str
    fault: Callable[[Context], Fault]
    failovers: Callable[[ReplicationGroup], int] = lambda _: 0
    breaks: bool = True
    spans: bool = False


def _failover(given: Context) -> Fault:
    planned = failover.plan(given.group, given.node_group, timeout_seconds=given.timeout_seconds)
    return Failover(given.session, planned)


def _rolling(given: Context) -> Fault:
    ids = [group.node_group_id for group in given.group.node_groups]
    return Failover(given.session, failover.in_turn(given.group, ids, timeout_seconds=given.timeout_seconds))


def _requested(kind: str, instead: str, *, holds: bool = False) -> Callable[[Context], Fault]:
    def make(given: Context) -> Fault:
        offered = given.session.capability.faults if given.session.capability is not None else ()
        if kind not in offered:
            where = "AWS" if given.session.capability is None else "this local ElastiCache"
            raise RefusedError(
                f"a drill on {given.group.replication_group_id}",
                [f"{where} has no call for the fault {kind}: {instead}"],
            )
        more = {"From": "both"} if kind == "partition" else {}
        return Requested(
            given.session,
            given.group,
            given.record,
            given.access,
            kind,
            given.hold_seconds if holds else 0.0,
            given.timeout_seconds,
            more,
        )

    return make


def _az_loss(given: Context) -> Fault:
    """Take the template that was named; without one the local ElastiCache has a fault of its own."""
    if given.fis_template is None:
        return _requested("az-power-loss", _FIS, holds=True)(given)
    template, group = experiment.read(given.session, given.fis_template), given.group
    tags = guard.tags(given.session, group.arn)
    reasons = list(experiment.refusals(template, group, tags, watched=given.watched))
    if reasons:
        raise RefusedError(f"a drill on {group.replication_group_id}", reasons)
    return Interruption(given.session, group, given.record, given.access, template, given.run_id, given.timeout_seconds)


def _reboot(given: Context) -> Fault:
    primaries = [member.cache_cluster_id for member in given.group.members if member.role == "primary"]
    planned = reboot.of_group(given.group, primaries, timeout_seconds=given.timeout_seconds)
    return Reboot(given.session, planned)


def _scale(given: Context) -> Fault:
    present = len(given.group.node_groups[0].members) - 1
    change = Change("replicas", {"count": present})
    seconds = given.timeout_seconds
    return Planned(
        given.session,
        given.group,
        given.record,
        (
            Stage(lambda group: scale.replicas(group, present + 1, timeout_seconds=seconds), change),
            Stage(lambda group: scale.replicas(group, present, timeout_seconds=seconds), puts_back=change),
        ),
    )


def _reshard(given: Context) -> Fault:
    ids = tuple(group.node_group_id for group in given.group.node_groups)
    change, seconds = Change("shards", {"count": len(ids), "ids": list(ids)}), given.timeout_seconds

    def back(group: ReplicationGroup) -> Plan:
        added = [each.node_group_id for each in group.node_groups if each.node_group_id not in ids]
        return shard.plan(group, len(ids), remove=added, timeout_seconds=seconds)

    return Planned(
        given.session,
        given.group,
        given.record,
        (
            Stage(lambda group: shard.plan(group, len(ids) + 1, timeout_seconds=seconds), change),
            Stage(back, puts_back=change),
        ),
    )


def _upgrade(given: Context) -> Fault:
    group, session = given.group, given.session
    newest = EngineVersion.of(group.engine, latest(Engine(group.engine)).version)
    present = parameter_group.find(session, group.parameter_group) if group.parameter_group else None
    if not upgrade.plan(group, newest, present).steps:
        raise RefusedError(
            f"a drill on {group.replication_group_id}", [f"it runs {newest} already: there is none newer"]
        )
    return Planned(
        session,
        group,
        given.record,
        (Stage(lambda seen: upgrade.plan(seen, newest, present, timeout_seconds=given.timeout_seconds)),),
    )


def _backup(given: Context) -> Fault:
    return Backup(given.session, given.group, given.record, given.access, given.run_id, given.timeout_seconds)


def _rotation(given: Context) -> Fault:
    if given.access.tokens is not None:
        raise RefusedError(
            f"a drill on {given.group.replication_group_id}",
            [f"user {given.access.username} signs in with IAM, and has no password that could be rotated"],
        )
    if given.secret is None:
        raise RefusedError(
            f"a drill on {given.group.replication_group_id}",
            ["nobody says which secret holds the password that is to be rotated: name it with --secret"],
        )
    return Rotation(
        session=given.session,
        group=given.group,
        record=given.record,
        access=given.access,
        secret=given.secret,
        hold_seconds=given.hold_seconds,
        timeout_seconds=given.timeout_seconds,
    )


def _global(given: Context) -> Fault:
    return GlobalFailover(
        session=given.session,
        group=given.group,
        record=given.record,
        other=given.other or world.other(given.session, given.group, None),
        hold_seconds=given.hold_seconds,
        timeout_seconds=given.timeout_seconds,
    )


def _none(_given: Context) -> Fault:
    return NoFault()


_REBOOT = "take the drill failover, which fails a primary too"
_FIS = f"make an experiment template of AWS FIS with the action {experiment.ACTION}, and give --fis-template"

DRILLS: Mapping[str, Drill] = MappingProxyType(
    {
        drill.name: drill
        for drill in (
            Drill("failover", "fail over a primary under load, with TestFailover", _failover, lambda _: 1),
            Drill(
                "rolling-failover",
                "fail over every node group in turn, with TestFailover",
                _rolling,
                lambda group: len(group.node_groups),
            ),
            Drill("node-loss", "kill a primary (local ElastiCache)", _requested("kill", _REBOOT)),
            Drill(
                "az-loss",
                "take the power from the zone of a primary; on AWS with --fis-template",
                _az_loss,
            ),
            Drill(
                "partition",
                "cut a primary off from its network (local ElastiCache)",
                _requested("partition", _REBOOT, holds=True),
            ),
            Drill("reboot", "reboot the primary of a group without cluster mode, with RebootCacheCluster", _reboot),
            Drill("backup-restore", "take a snapshot under load, restore it, and hold it against the journal", _backup),
            Drill("scale-out-in", "add a replica to every node group, and take it away again", _scale),
            Drill("reshard", "add a node group and move slots to it, and take it away again", _reshard),
            Drill("engine-upgrade", "upgrade to the newest engine version; there is no way back", _upgrade),
            Drill(
                "credential-rotation",
                "replace an AUTH token or a user's password, while clients sign in at every moment",
                _rotation,
            ),
            Drill(
                "global-failover",
                "let another Region of a global datastore take the writes, and give them back",
                _global,
                spans=True,
            ),
            Drill("none", "break nothing: measure the instrument's own floor", _none, breaks=False),
        )
    }
)
