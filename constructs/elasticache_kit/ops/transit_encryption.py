"""TLS of a group that exists: from off to preferred, and, when clients have followed, to required; and back.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.ops import modification
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan

MODES = ("off", "preferred", "required")
_NOTES = {
    "preferred": (
        "clients with and without TLS connect; turn it on in all of them, and go on to 'required' after that",
    ),
    "required": ("clients without TLS are shut out",),
    "off": ("what clients send can be read on its way, and clients with TLS are shut out",),
}


def mode(group: ReplicationGroup) -> str:
    """Return `off`, `preferred` or `required`."""
    return (group.transit_encryption_mode or "required") if group.transit_encryption else "off"


def plan(group: ReplicationGroup, to: str, *, timeout_seconds: float = CHANGE_TIMEOUT_SECONDS) -> Plan:
    """Plan one step on the way to TLS, or back.

    Args:
        group: the group as it is.
        to: `off`, `preferred` or `required`.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    enabled = to != "off"
    parameters: dict[str, object] = {"TransitEncryptionEnabled": enabled}
    if enabled:
        parameters["TransitEncryptionMode"] = to
    fields = {"transit_encryption_enabled": enabled, "transit_encryption_mode": to if enabled else None}
    reasons: list[str] = []
    if (mode(group), to) == ("required", "off"):
        reasons.append("TLS goes off from 'preferred' only: go to 'preferred' first, and off in a later change")
    return modification.plan(
        f"TLS of {group.replication_group_id} to {to}",
        group,
        parameters,
        fields,
        f"takes clients with TLS {to}",
        lambda seen: mode(seen) == to,
        reasons=reasons,
        notes=_NOTES[to],
        timeout_seconds=timeout_seconds,
    )
