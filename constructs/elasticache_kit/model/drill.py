"""Drills that run by the clock, where nobody is there to put anything back: which can, and why others cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

# What CloudWatch counts in `permission.NAMESPACE`: of each run one is 1 and the others are 0.
OUTCOMES = ("Passed", "Failed", "Unknown")
# The tag by which the owner of a cache allows drills on it.
TAG, ALLOWED = "elasticache-kit:drill", "allowed"

# AWS offers them, and a run that is cut off leaves nothing to put back.
UNATTENDED = ("failover", "rolling-failover", "reboot", "az-loss", "none")
_LOST = "a run that is cut off leaves {} behind, and the record that `drill cleanup` reads is gone with its machine"
_NOT_ON_AWS = "AWS has no call for it"
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "backup-restore": _LOST.format("a snapshot and a group"),
        "credential-rotation": _LOST.format("a rotation half way"),
        "engine-upgrade": "there is no way back, so it runs once",
        "global-failover": _LOST.format("the writes in another Region"),
        "node-loss": _NOT_ON_AWS,
        "partition": _NOT_ON_AWS,
        "reshard": _LOST.format("a node group more"),
        "scale-out-in": _LOST.format("a replica more in every node group"),
    }
)


def unattended(drill: str) -> Iterator[str]:
    """Yield why a drill cannot run by the clock; nothing where it can."""
    if drill not in UNATTENDED:
        yield REFUSED.get(drill, "there is no such drill that runs by the clock")
