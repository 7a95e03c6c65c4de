"""Outages that a test or a drill asks for: nodes killed, nodes that hang, zones without power. AWS has no such calls.

A killed node is treated as AWS treats one: a replica takes its place where the group fails over by itself, and it comes
back empty. A node that hangs does so until the outage ends; so does a zone without power, whose nodes are killed, and
come back when it ends.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import provision_failover, runtime
from elasticache_kit.emulator.lifecycle import StoppedError
from elasticache_kit.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup

logger = logging.getLogger(__name__)

KINDS = ("kill", "pause", "az-power-loss")
# What each kind is told, beside `Region`.
MEMBERS: Mapping[str, str] = {"kill": "CacheClusterId", "pause": "CacheClusterId", "az-power-loss": "AvailabilityZone"}


@dataclass(frozen=True, slots=True)
class Target:
    """A node that an outage is about, with what it is part of."""

    region: Region
    group: ReplicationGroup
    node_group: NodeGroup
    member: Member

    @property
    def key(self) -> str:
        """The group by the name that the fleet has for it."""
        return self.region.fleet_key(self.group.replication_group_id)


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that has begun."""

    outage_id: str
    kind: str
    targets: tuple[Target, ...]

    def describe(self) -> dict[str, Any]:
        """Show it as the wire does."""
        nodes = [target.member.cache_cluster_id for target in self.targets]
        return {"id": self.outage_id, "kind": self.kind, "nodes": nodes}


class Outages:
    """The outages of one emulator.

    Args:
        fleet: the engines.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._going_on: dict[str, Outage] = {}

    def begin(self, order: Mapping[str, Any]) -> Outage:
        """Begin an outage and return when what it is about is dead, or hangs.

        Args:
            order: `kind`, one of `KINDS`; `Region`; and `CacheClusterId`, or `AvailabilityZone` for `az-power-loss`.

        Raises:
            RefusedError: the order is not complete, or nothing runs that it could be about; with all reasons.
        """
        kind, targets = _read(order)
        outage = Outage(secrets.token_hex(8), kind, targets)
        for target in targets:
            act = self._fleet.hold if kind == "pause" else self._fleet.kill
            act(target.key, target.member.cache_cluster_id)
        self._going_on[outage.outage_id] = outage
        if kind == "kill":
            for target in targets:
                if _fails_over(target):
                    target.node_group.status = "modifying"
                else:
                    target.member.status = "failed"
                _later(target, partial(_replace_killed, target))
        if kind == "az-power-loss":
            for target in targets:
                target.member.status = "failed"
                _later(target, partial(_promote, target))
        return outage

    def end(self, outage_id: str) -> Outage:
        """End an outage: nodes that hang go on, those of a zone come back. A killed node comes back by itself.

        Raises:
            NotFoundError: there is none of this id.
        """
        outage = self._going_on.pop(outage_id, None)
        if outage is None:
            raise NotFoundError(f"There is no fault {outage_id}.")
        for target in outage.targets:
            if outage.kind == "pause":
                self._fleet.release(target.key, target.member.cache_cluster_id)
            elif outage.kind == "az-power-loss":
                _later(target, partial(provision_failover.replace, target.region, target.group, target.member))
        return outage


def _read(order: Mapping[str, Any]) -> tuple[str, tuple[Target, ...]]:
    kind = str(order.get("kind"))
    named = MEMBERS.get(kind, "")
    reasons = [] if named else [f"kind is {order.get('kind')!r}; give one of {', '.join(KINDS)}"]
    wanted = {"kind", "Region", named or "CacheClusterId"}
    reasons += [f"{name} is missing" for name in sorted(wanted - {"kind"}) if not isinstance(order.get(name), str)]
    allowed = wanted if named else {*wanted, "AvailabilityZone"}
    reasons += [f"{name} means nothing here" for name in sorted(set(order) - allowed)]
    if reasons:
        raise RefusedError("this fault", reasons)
    region: Region = cast("Any", elasticache_backends[DEFAULT_ACCOUNT_ID][order["Region"]]).region
    with region.lock:
        targets = tuple(
            Target(region, group, node_group, member)
            for group in region.replication_groups.values()
            if group.status == "available"
            for node_group in group.node_groups
            # While a failover goes on another one would meet it half way.
            if node_group.status == "available"
            for member in node_group.members
            if order[named] in (member.cache_cluster_id, member.availability_zone) and member.status == "available"
        )
    if not targets:
        raise RefusedError("this fault", [f"no node that is available has {named} {order[named]} in {order['Region']}"])
    return kind, targets


def _later(target: Target, job: Callable[[], None]) -> None:
    def run() -> None:
        try:
            job()
        except StoppedError:
            raise
        except Exception as error:
            target.group.failure = str(error)
            logger.exception("%s after a fault", target.member.cache_cluster_id)

    runtime.current().lifecycle.start(f"fault of {target.member.cache_cluster_id}", run)


def _replace_killed(target: Target) -> None:
    if _fails_over(target):
        provision_failover.fail_over(target.region, target.group, target.node_group)
    else:
        provision_failover.replace(target.region, target.group, target.member)


def _promote(target: Target) -> None:
    if _fails_over(target):
        provision_failover.promote(target.region, target.group, target.node_group)


def _fails_over(target: Target) -> bool:
    return (
        target.member.role == "primary"
        and bool(target.node_group.replicas)
        and bool(target.group.spec.automatic_failover_enabled)
    )
