"""Tags of every kind of resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action.argument import structures, texts
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_value, refuse
from elasticache_kit.model import global_replication_group, quota, serverless_cache

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.model.rule import Violation

_ARN = re.compile(r"arn:aws[a-z-]*:elasticache:([a-z0-9-]*):(\d{12}):([a-z-]+):(.+)")


def judge(request: Mapping[str, Any]) -> None:
    """Refuse tags that no resource can have, whatever the operation is.

    Raises:
        Fault: InvalidParameterValue for a tag without a key, TagQuotaPerResourceExceeded for too many.
    """
    tags = structures(request, "Tags")
    if any(not item.get("Key") for item in tags):
        raise invalid_value("Every tag has a Key, which is not empty.")
    _refuse_too_many({item["Key"] for item in tags})


@taking_turns
def add_tags_to_resource(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give a resource tags; a key that it has already gets the new value."""
    arn = _existing(region, request["ResourceName"])
    present = {item["Key"] for item in _tags(region, arn)}
    wanted = present | {item["Key"] for item in structures(request, "Tags")}
    _refuse_too_many(wanted)
    _judge_newer(arn, {item["Key"]: str(item.get("Value") or "") for item in structures(request, "Tags")})
    region.tagging.tag_resource(arn, structures(request, "Tags"))
    _tell(region, arn)
    return {"TagList": _tags(region, arn)}


def list_tags_for_resource(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the tags of a resource."""
    return {"TagList": _tags(region, _existing(region, request["ResourceName"]))}


@taking_turns
def remove_tags_from_resource(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take tags away by their keys."""
    arn, keys = _existing(region, request["ResourceName"]), texts(request, "TagKeys")
    present = {item["Key"] for item in _tags(region, arn)}
    if absent := [key for key in keys if key not in present]:
        raise Fault("TagNotFound", f"{arn} has no tag {', '.join(absent)}.")
    region.tagging.untag_resource_using_names(arn, list(keys))
    _tell(region, arn)
    return {"TagList": _tags(region, arn)}


def _refuse_too_many(keys: set[str]) -> None:
    if len(keys) > quota.TAGS_PER_RESOURCE:
        raise Fault(
            "TagQuotaPerResourceExceeded",
            f"{len(keys)} tags are above the quota of {quota.TAGS_PER_RESOURCE} of a resource.",
        )


def _judge_newer(arn: str, tags: Mapping[str, str]) -> None:
    """Refuse tags that the types with rules of their own for them do not take.

    Raises:
        Fault: with what the rulebook says of them.
    """
    found: tuple[Violation, ...] = ()
    if ":serverlesscache:" in arn:
        found = serverless_cache.check(serverless_cache.ServerlessCacheSpec(tags=tags))
    elif ":globalreplicationgroup:" in arn:
        spec = global_replication_group.GlobalReplicationGroupSpec(tags=tags)
        found = global_replication_group.check(spec)
    refuse(violation for violation in found if violation.property == "tags")


def _tell(region: Region, arn: str) -> None:
    """Write the event that a serverless cache has for changed tags; others have none."""
    kind, name = arn.split(":")[5:7]
    if kind == "serverlesscache":
        region.record("serverless-cache", name.lower(), f"Tags updated for the cache {name.lower()}.")


def _tags(region: Region, arn: str) -> list[dict[str, str]]:
    return region.tagging.list_tags_for_resource(arn)["Tags"]


def _existing(region: Region, text: str) -> str:
    """Return the ARN of a resource that is there.

    Raises:
        Fault: InvalidARN, or the code for what is missing.
    """
    parts = _ARN.fullmatch(text)
    find = _FINDS.get(parts[3]) if parts else None
    # A global datastore belongs to no Region.
    here = parts is not None and parts[1] in ("", region.name) and parts[2] == region.account_id
    if parts is None or find is None or not here:
        raise Fault("InvalidARN", f"{text} is not the ARN of a resource of ElastiCache in this account and Region.")
    find(region, parts[4])
    return text


def _find_cluster(region: Region, name: str) -> None:
    if not region.member(name):
        region.cache_clusters.find(name)


def _find_parameter_group(region: Region, name: str) -> None:
    region.parameters(name)


_FINDS: Mapping[str, Callable[[Region, str], object]] = {
    "cluster": _find_cluster,
    "globalreplicationgroup": lambda region, name: region.global_replication_groups.find(name),
    "parametergroup": _find_parameter_group,
    "replicationgroup": lambda region, name: region.replication_groups.find(name),
    "reserved-instance": lambda region, name: region.reserved_nodes.find(name),
    "serverlesscache": lambda region, name: region.serverless_caches.find(name),
    "serverlesscachesnapshot": lambda region, name: region.serverless_snapshots.find(name),
    "snapshot": lambda region, name: region.snapshots.find(name),
    "subnetgroup": lambda region, name: region.subnet_groups.find(name),
    "user": lambda region, name: region.users.find(name),
    "usergroup": lambda region, name: region.user_groups.find(name),
}
