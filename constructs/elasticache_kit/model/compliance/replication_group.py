"""What a replication group should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.compliance.resource import Check, Resource


def _backup(group: Resource) -> Iterator[tuple[str, str]]:
    if group.number("SnapshotRetentionLimit") == 0:
        yield "Properties.SnapshotRetentionLimit", "no snapshot is taken, and what is lost is lost"


def _multi_az(group: Resource) -> Iterator[tuple[str, str]]:
    if not group.is_on("MultiAZEnabled"):
        yield "Properties.MultiAZEnabled", "all nodes may be in one zone, and be gone with it"


def _sign_in(group: Resource) -> Iterator[tuple[str, str]]:
    if not group.properties.get("UserGroupIds") and not group.properties.get("AuthToken"):
        yield "Properties.UserGroupIds", "whoever reaches a node may do everything with it"


def _log_delivery(group: Resource) -> Iterator[tuple[str, str]]:
    if not group.properties.get("LogDeliveryConfigurations"):
        yield "Properties.LogDeliveryConfigurations", "neither slow log nor engine log is kept"


CHECKS: dict[str, Check] = {
    "rg-backup": _backup,
    "rg-multi-az": _multi_az,
    "rg-sign-in": _sign_in,
    "rg-log-delivery": _log_delivery,
}
