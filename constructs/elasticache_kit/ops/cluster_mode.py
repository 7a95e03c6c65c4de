"""Cluster mode of a group that exists: from disabled to compatible, and, when clients have followed, to enabled.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/modify-cluster-mode.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticache_kit.model import parameter
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.ops import modification
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan

MODES = ("disabled", "compatible", "enabled")
_NOTES = {
    "compatible": (
        (
            "clients with and without cluster mode connect; go on to 'enabled' when all of them are cluster clients at "
            "the configuration endpoint: in mode compatible nothing else can be changed"
        ),
        "commands over several keys work in cluster mode only where these share a slot, and only database 0 is there",
    ),
    "enabled": ("this is final: the primary and reader endpoints go, and clients without cluster mode are shut out",),
    "disabled": ("clients that use the configuration endpoint are shut out: lead them back to the primary endpoint",),
}


def plan(
    group: ReplicationGroup,
    to: str,
    *,
    parameter_group: str | None = None,
    timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
) -> Plan:
    """Plan one step of a migration of cluster mode.

    Args:
        group: the group as it is.
        to: `compatible`, `enabled` or `disabled`.
        parameter_group: the parameter group that goes with it; AWS's own when omitted, where the group has AWS's own.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    name, reasons = _parameter_group(group, to, parameter_group)
    parameters: dict[str, object] = {"ClusterMode": to}
    fields: dict[str, Any] = {"cluster_mode": to}
    if name is not None:
        parameters["CacheParameterGroupName"] = name
        fields["cache_parameter_group_name"] = name
        if parameter.default_group_family(name) is None:
            fields["parameter_group_cluster_enabled"] = to != "disabled"
    if to == "enabled":
        replicas = max((len(item.members) - 1 for item in group.node_groups), default=0)
        fields |= {"num_cache_clusters": None, "num_node_groups": 1, "replicas_per_node_group": replicas}
    return modification.plan(
        f"cluster mode of {group.replication_group_id} to {to}",
        group,
        parameters,
        fields,
        f"is in cluster mode {to}",
        lambda seen: seen.cluster_mode == to,
        reasons=reasons,
        notes=_NOTES[to],
        timeout_seconds=timeout_seconds,
    )


def _parameter_group(group: ReplicationGroup, to: str, asked: str | None) -> tuple[str | None, list[str]]:
    """Return the parameter group that goes with a mode, None to keep the present one, and why none is known."""
    if asked is not None or (group.cluster_mode, to) == ("compatible", "enabled"):
        return asked, []
    family = parameter.default_group_family(group.parameter_group or "")
    if family is not None or group.parameter_group is None:
        family = family or EngineVersion.of(group.engine, group.engine_version or "").family
        return parameter.default_parameter_group(family, to != "disabled"), []
    wanted = "no" if to == "disabled" else "yes"
    reason = (
        f"its parameter group {group.parameter_group} is your own: name one with cluster-enabled {wanted}, and the "
        "same values otherwise, with --parameter-group"
    )
    return None, [reason]
