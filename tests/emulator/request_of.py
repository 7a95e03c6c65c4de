"""A request to the API from a spec of the rulebook, so that a spec that breaks a rule there is refused over the wire.

A family of operations is one entry of FAMILIES: how a spec of its subject becomes a request. Whatever the spec says of
other resources, such as the parameters of a group, is made before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulator.cluster_request import cache_cluster, cache_cluster_change, snapshot
from tests.emulator.global_request import global_replication_group, global_replication_group_change
from tests.emulator.group_request import replication_group, replication_group_change, set_parameters
from tests.emulator.members import HOME, Wire, members_of
from tests.emulator.scaling_request import scalable_target
from tests.emulator.serverless_request import serverless_cache, serverless_cache_change, serverless_cache_snapshot
from tests.emulator.user_request import user, user_group

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject


@dataclass(frozen=True, slots=True)
class Family:
    """How specs of one subject are asked for.

    Args:
        ask: sends a spec, and returns what the last request answered.
        unreachable: rules that no request can break, and why.
        code: of the error where the rulebook knows none of AWS's for the rule.
    """

    ask: Callable[[Wire, Any], object]
    unreachable: Mapping[str, str] = field(default_factory=dict[str, str])
    code: str = "InvalidParameterValue"


def _parameter_group(wire: Wire, spec: Any) -> object:
    request = members_of(wire, "create_cache_parameter_group", spec)
    request.setdefault("CacheParameterGroupName", wire.name())
    answer = wire.elasticache.create_cache_parameter_group(**request)
    return set_parameters(wire, request["CacheParameterGroupName"], spec.parameters) if spec.parameters else answer


def _subnet_group(wire: Wire, spec: Any) -> object:
    request = members_of(wire, "create_cache_subnet_group", spec)
    if request.get("CacheSubnetGroupName") == "private":
        request["CacheSubnetGroupName"] = wire.name()
    # Only their number matters, and they have to exist.
    request["SubnetIds"] = [wire.subnets(HOME)["a"] for _ in request.get("SubnetIds", [])]
    return wire.elasticache.create_cache_subnet_group(**request)


NOT_YET = "not implemented by the local emulator yet"
_BY_NAME = "the API asks for a member that it requires by its name"
# A family of operations is one entry.
FAMILIES: dict[Subject, Family] = {
    "cache_cluster": Family(cache_cluster),
    "cache_cluster_change": Family(cache_cluster_change, {"mc-tls-fixed": "ModifyCacheCluster has no such member"}),
    "global_replication_group": Family(global_replication_group),
    "global_replication_group_change": Family(global_replication_group_change),
    "parameter_group": Family(_parameter_group),
    "replication_group": Family(
        replication_group,
        {"rg-slots-for-s3-seed": "a shard of which nothing is said is not sent"},
    ),
    "replication_group_change": Family(replication_group_change),
    "scalable_target": Family(
        scalable_target,
        {"as-dimension": "Application Auto Scaling refuses what is not of its own list"},
        code="ValidationException",
    ),
    "serverless_cache": Family(serverless_cache),
    "serverless_cache_change": Family(serverless_cache_change),
    "serverless_cache_snapshot": Family(serverless_cache_snapshot, {"sl-snapshot-source": _BY_NAME}),
    "snapshot": Family(
        snapshot,
        {
            "bk-name-required": _BY_NAME,
            "bk-t1": "AWS makes no such nodes any more: only those from before have the fault",
        },
    ),
    "subnet_group": Family(_subnet_group),
    "user": Family(user),
    "user_group": Family(
        user_group,
        {
            "group-required": "the API takes a user group without users",
            "group-size": "101 users would have to be made, for a warning that refuses nothing",
        },
    ),
}
