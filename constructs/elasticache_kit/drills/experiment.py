"""An experiment: which drill is run on what, how, and what it must live up to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.drills.key import PREFIX, KeySpace, key_space
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.world import Other
    from elasticache_kit.ops.inventory import NodeGroup, ReplicationGroup
    from elasticache_kit.ops.session import Capability

# Beyond this one Python process is late too often to tell its own stalls from the cache's.
MOST_OPERATIONS_PER_SECOND = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a drill is run.

    Args:
        rate: writes per second in each node group, and as many reads; 200, one every 5 ms, when omitted.
        duration_seconds: the load lasts at least so long; 12 when omitted.
        baseline_seconds: load before the fault; 3 when omitted.
        settle_seconds: load after the group is whole again; 2 when omitted.
        recovery_timeout_seconds: how long to wait for that; 30 minutes when omitted, for AWS takes 10 to 25.
        sync_timeout_seconds: how long replicas may take to be in sync after AWS has said so; 30 when omitted.
        connect_timeout_seconds: how long to try to reach the group before the load; 10 when omitted.
        hold_seconds: for how long a fault goes on that has to be ended; 5 when omitted.
        stop_outage_seconds: the drill is ended, and what it changed put back, when no write of a node group was
            acknowledged for so long; not limited when omitted.
        fis_template: the experiment template of AWS FIS that `az-loss` starts; none when omitted.
        stalls_seconds: the known stalls that the instrument is held against before the load; one that ends before a
            client gives up and one that does not, 0.15 and 0.4, when omitted.
    """

    rate: float = 200.0
    duration_seconds: float = 12.0
    baseline_seconds: float = 3.0
    settle_seconds: float = 2.0
    recovery_timeout_seconds: float = 1800.0
    sync_timeout_seconds: float = 30.0
    connect_timeout_seconds: float = 10.0
    hold_seconds: float = 5.0
    stop_outage_seconds: float | None = None
    fis_template: str | None = None
    stalls_seconds: tuple[float, ...] = (0.15, 0.4)

    @property
    def time_to_live_seconds(self) -> int:
        """After which the drill's keys vanish by themselves: an hour after the longest run."""
        return 3600 + int(self.recovery_timeout_seconds + self.duration_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a drill's findings are held against.

    Args:
        max_write_outage_seconds: longest time without an acknowledged write; 60 when omitted.
        max_read_outage_seconds: longest time without an answered read; 60 when omitted.
        allow_lost: acknowledged writes that may be lost; none when omitted, though replication is asynchronous.
        max_stale_seconds: how old a stale read may be; staleness is reported and never fails when omitted.
        max_stall_seconds: how late the instrument itself may be before its times are worth nothing; 0.25 when omitted.
        max_healthy_outage_seconds: longest time without an acknowledged write in a node group that nothing was done to;
            1 when omitted.
        max_goodput_seconds: how long after the fault the load may take to be what it was; only that it becomes so again
            is judged when omitted.
        allow_backwards: reads that may return less than one before; reported and never fails when omitted.
        durability: the group's EffectiveDurability: `sync` loses nothing that was acknowledged, `async` at most what is
            younger than 10 seconds, and with `disabled` it is as much as `allow_lost` says.
    """

    max_write_outage_seconds: float = 60.0
    max_read_outage_seconds: float = 60.0
    allow_lost: int = 0
    max_stale_seconds: float | None = None
    max_stall_seconds: float = 0.25
    max_healthy_outage_seconds: float = 1.0
    max_goodput_seconds: float | None = None
    allow_backwards: int | None = None
    durability: str = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One drill on one replication group.

    Args:
        drill: the drill's name in the catalog.
        group: the replication group as it was observed before.
        node_group: the node group that the fault strikes.
        access: how clients get in.
        settings: how to run it.
        limits: what to hold it against.
        region: where the group is.
        capability: the local ElastiCache's record; None means AWS.
        run_id: names the drill's keys; a random one when omitted.
        clients: the clients under test beside the reference, by name or by the path of a factory; none when omitted.
        other: the member of a global datastore that takes the writes meanwhile; none when omitted.
    """

    drill: str
    group: ReplicationGroup
    node_group: str
    access: Access
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    region: str = ""
    capability: Capability | None = None
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))
    clients: tuple[str, ...] = ()
    other: Other | None = None

    def show(self) -> str:
        """Return what the load is going to do, for people."""
        settings, count = self.settings, len(self.group.node_groups)
        return (
            f"load on {self.group.replication_group_id}: {settings.rate:g} writes and as many reads a second in "
            f"{'each of ' if count > 1 else ''}{count} node group{'s' if count > 1 else ''}, for at least "
            f"{settings.duration_seconds:g} s; keys under {PREFIX}{self.run_id}: are removed afterwards, "
            f"and expire in {settings.time_to_live_seconds} s in any case"
        )

    def keys(self, node_group: NodeGroup, client: str = "") -> KeySpace:
        """Return where the drill writes in a node group: the reference when no client is named."""
        run_id = f"{self.run_id}:{client}" if client else self.run_id
        return key_space(run_id, node_group.node_group_id, node_group.slots if self.group.cluster_enabled else None)

    def require_endpoints(self) -> None:
        """Check that clients could work with the group at all.

        Raises:
            RefusedError: they could not; the message has every reason.
        """
        reasons = [
            *_missing_node_group(self.group, self.node_group),
            *_missing_endpoints(self.group),
            *_missing_sign_in(self.group, self.access),
        ]
        if self.other is not None and self.access.tokens is not None:
            reasons.append("an IAM token is good for one group in one Region: give a user with a password, --username")
        asked = 2 * self.settings.rate * len(self.group.node_groups)
        if asked > MOST_OPERATIONS_PER_SECOND:
            reasons.append(
                f"{asked:,.0f} operations a second are more than one process can time honestly "
                f"({MOST_OPERATIONS_PER_SECOND:,}): lower --rate"
            )
        if reasons:
            raise RefusedError(f"drill {self.drill} on {self.group.replication_group_id}", reasons)


def _missing_node_group(group: ReplicationGroup, node_group: str) -> list[str]:
    known = ", ".join(each.node_group_id for each in group.node_groups)
    if not known:
        return ["the group has no node group yet: wait for it"]
    return [] if group.node_group(node_group) else [f"there is no node group {node_group!r}: it has {known}"]


def _missing_endpoints(group: ReplicationGroup) -> list[str]:
    if group.cluster_enabled:
        return [] if group.configuration_endpoint else ["the group has no configuration endpoint yet: wait for it"]
    return [
        f"node group {node_group.node_group_id} has no primary endpoint yet: wait for it"
        for node_group in group.node_groups
        if node_group.primary_endpoint is None
    ]


def _missing_sign_in(group: ReplicationGroup, access: Access) -> list[str]:
    if access.tokens is not None:
        return [] if access.tls is not None else ["the group has no TLS, and others would read an IAM token"]
    if access.password is None and group.auth_token_enabled:
        return ["clients of this group send an AUTH token: give it in ELASTICACHE_KIT_PASSWORD"]
    return []
