"""What is true of a Region at rest, whatever was asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.fuzz.seen import KINDS, Seen

SLOTS = 16_384
REST = frozenset({"available", "active", "create-failed", "primary-only"})


def names_are_unique(seen: Seen) -> Iterator[str]:
    """Nothing is listed twice, and no two things have one ARN."""
    for kind in KINDS:
        yield from (f"{kind} {name} is listed twice" for name in _twice(seen.names(kind)))
    arns = [str(item["ARN"]) for items in seen.items.values() for item in items if "ARN" in item]
    yield from (f"two things have the ARN {arn}" for arn in _twice(arns))


def members_agree(seen: Seen) -> Iterator[str]:
    """A group, its shards and the list of cache clusters name the same nodes."""
    clusters = seen.items["cluster"]
    for group in seen.items["group"]:
        name = group["ReplicationGroupId"]
        told = sorted(group["MemberClusters"])
        listed = sorted(item["CacheClusterId"] for item in clusters if item.get("ReplicationGroupId") == name)
        inside = sorted(
            node["CacheClusterId"] for shard in group.get("NodeGroups", []) for node in shard["NodeGroupMembers"]
        )
        if told != listed:
            yield f"group {name} has the members {told}, and DescribeCacheClusters lists {listed}"
        if group["Status"] == "available" and told != inside:
            yield f"group {name} has the members {told}, and its shards {inside}"
    groups = set(seen.names("group"))
    for item in clusters:
        if (owner := item.get("ReplicationGroupId")) and owner not in groups:
            yield f"cluster {item['CacheClusterId']} belongs to the group {owner}, which is not there"
        if item["NumCacheNodes"] != len(item["CacheNodes"]):
            yield f"cluster {item['CacheClusterId']} has NumCacheNodes {item['NumCacheNodes']}, and other nodes"


def slots_are_covered_once(seen: Seen) -> Iterator[str]:
    """The shards of a group in cluster mode hold each slot once."""
    for group in seen.items["group"]:
        shards = group.get("NodeGroups", [])
        if not group["ClusterEnabled"] or not shards:
            continue
        held: Counter[int] = Counter()
        for shard in shards:
            held.update(slots(shard.get("Slots") or ""))
        if held.keys() != set(range(SLOTS)) or held.total() != SLOTS:
            told = [shard.get("Slots") for shard in shards]
            yield f"group {group['ReplicationGroupId']} has the slots {told}: not each of 0-16383 once"


def slots(text: str) -> Iterator[int]:
    """Read slots as the API writes them: `0-8191,9000`."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def shards_have_one_primary(seen: Seen) -> Iterator[str]:
    """Each shard has one primary."""
    for shard, roles in seen.roles.items():
        if roles.count("primary") != 1:
            yield f"shard {shard} has {roles.count('primary')} primaries of {len(roles)} nodes"


def users_and_groups_agree(seen: Seen) -> Iterator[str]:
    """A user names the groups that name it, and a user group the caches that name it."""
    members = {item["UserGroupId"]: set(item["UserIds"]) for item in seen.items["user group"]}
    for user in seen.items["user"]:
        name = user["UserId"]
        if set(user["UserGroupIds"]) != (holding := {group for group, users in members.items() if name in users}):
            yield f"user {name} names the groups {sorted(user['UserGroupIds'])}, and {sorted(holding)} name it"
    there = set(seen.names("user"))
    for group, users in members.items():
        if users - there:
            yield f"user group {group} has the users {sorted(users - there)}, which are not there"
    for item in seen.items["user group"]:
        name = item["UserGroupId"]
        for member, kind, field in (
            ("ReplicationGroups", "group", "UserGroupIds"),
            ("ServerlessCaches", "serverless cache", "UserGroupId"),
        ):
            using = {cache[KINDS[kind][2]] for cache in seen.items[kind] if name in _texts(cache.get(field))}
            if set(item.get(member, ())) != using:
                yield f"user group {name} names the {member} {item.get(member)}, and {sorted(using)} name it"


def what_is_named_is_there(seen: Seen) -> Iterator[str]:
    """No cache names a subnet group, parameter group or user group that is not there."""
    subnets = set(seen.names("subnet group"))
    parameters = set(seen.names("parameter group"))
    groups = set(seen.names("user group"))
    for item in seen.items["cluster"]:
        name, parameter = item["CacheClusterId"], item["CacheParameterGroup"]["CacheParameterGroupName"]
        if (subnet := item.get("CacheSubnetGroupName")) and subnet not in subnets:
            yield f"cluster {name} names the subnet group {subnet}, which is not there"
        if parameter not in parameters and not parameter.startswith("default."):
            yield f"cluster {name} names the parameter group {parameter}, which is not there"
    for item in (*seen.items["group"], *seen.items["serverless cache"]):
        named = _texts(item.get("UserGroupIds") or item.get("UserGroupId"))
        yield from (f"a cache names the user group {group}, which is not there" for group in named - groups)


def everything_is_at_rest(seen: Seen) -> Iterator[str]:
    """No change hangs: with nothing under way, nothing is creating, modifying or deleting."""
    for kind in KINDS:
        for item in seen.items[kind]:
            status = next((value for key, value in item.items() if key.endswith("Status")), "available")
            if status not in REST:
                yield f"{kind} {item[KINDS[kind][2]]} is {status}, and nothing is under way"


def failover_has_a_replica(seen: Seen) -> Iterator[str]:
    """Automatic failover has somebody to promote outside of cluster mode, and Multi-AZ has automatic failover."""
    for group in seen.items["group"]:
        name = group["ReplicationGroupId"]
        if group["MultiAZ"] == "enabled" and group["AutomaticFailover"] != "enabled":
            yield f"group {name} is Multi-AZ without automatic failover"
        alone = not group["ClusterEnabled"] and len(group["MemberClusters"]) < 2
        if group["Status"] == "available" and group["AutomaticFailover"] == "enabled" and alone:
            yield f"group {name} has automatic failover and no replica"


Invariant = Callable[[Seen], Iterator[str]]
INVARIANTS: Sequence[Invariant] = (
    names_are_unique,
    members_agree,
    slots_are_covered_once,
    shards_have_one_primary,
    users_and_groups_agree,
    what_is_named_is_there,
    everything_is_at_rest,
    failover_has_a_replica,
)


def broken(seen: Seen) -> list[str]:
    """Return what is not as it must be."""
    return [complaint for invariant in INVARIANTS for complaint in invariant(seen)]


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number > 1]


def _texts(value: Any) -> set[str]:
    return set() if not value else {value} if isinstance(value, str) else {str(item) for item in value}
