"""Rules of the members of a global datastore."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elasticache_kit.model import quota
from elasticache_kit.model.global_replication_group import effective
from elasticache_kit.model.replication_group import effective as group_effective
from elasticache_kit.model.replication_group.durability import is_durable
from elasticache_kit.model.replication_group.network import speaks_ipv6
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.global_replication_group.spec import GlobalReplicationGroupSpec
    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_PRIMARY = "PRIMARY"
_SECONDARY = "SECONDARY"
_CHINA = "cn-"
# The Regions of the page, by code.
_REGIONS = frozenset(
    """
    af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
    ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1
    cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
    il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1
    us-west-1 us-west-2
    """.split()  # noqa: SIM905 # thirty-six lines say no more
)


def members(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-members."""
    listed = known(spec.members)
    if not listed:
        yield Finding("members", listed, "a global datastore has a primary", "name the primary in members")
        return
    roles = Counter(known(member.role) for member in listed)
    for index, member in enumerate(listed):
        if member.role not in {_PRIMARY, _SECONDARY}:
            yield Finding(
                f"members[{index}].role", member.role, f"a role is {_PRIMARY} or {_SECONDARY}", "take one of them"
            )
    if roles[_PRIMARY] != 1:
        yield Finding(
            "members", listed, f"a global datastore has 1 primary, not {roles[_PRIMARY]}", "name exactly one primary"
        )
    if roles[_SECONDARY] > quota.GLOBAL_SECONDARIES:
        yield Finding(
            "members",
            listed,
            f"a global datastore has at most {quota.GLOBAL_SECONDARIES} secondaries, not {roles[_SECONDARY]}",
            "leave out the others",
        )


def regions(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-one-per-region."""
    for region, times in Counter(_regions(spec)).items():
        if times > 1:
            yield Finding(
                "members", region, f"{times} members are in this Region", "give every member a Region of its own"
            )


def regions_known(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-regions."""
    for region in _regions(spec):
        if region not in _REGIONS:
            yield Finding(
                "members",
                region,
                "global datastores are not known to be offered in this Region",
                "take another Region, or go on if AWS offers it by now",
            )


def china(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-china."""
    found = _regions(spec)
    inside = [region for region in found if region.startswith(_CHINA)]
    if inside and len(inside) < len(found):
        yield Finding(
            "members", inside[0], "Regions in China pair only with each other", "keep all members in China, or none"
        )


def same_shape(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-same-shape."""
    groups = effective.groups(spec)
    features: tuple[tuple[str, Callable[[ReplicationGroupSpec], object]], ...] = (
        ("cache_node_type", lambda group: group_effective.node_type(group).name),
        ("engine", lambda group: str(group_effective.engine(group))),
        ("engine_version", lambda group: group_effective.version(group).version),
        ("num_node_groups", effective.shards),
    )
    for name, read in features:
        values = {str(value) for group in groups if (value := effective.decided(read, group)) is not None}
        if len(values) > 1:
            yield Finding(
                "members",
                " and ".join(sorted(values)),
                f"all members have the same {name}",
                "give every member that of the primary, or leave it out of the secondaries",
            )


def failover(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-failover-inherits."""
    listed = known(spec.members) or ()
    primary = next((effective.group(member) for member in listed if member.role == _PRIMARY), None)
    if primary is None or not group_effective.automatic_failover(primary):
        return
    for member in listed:
        group = effective.group(member)
        if group is None or member.role != _SECONDARY:
            continue
        counts = effective.decided(group_effective.replica_counts, group)
        if counts is not None and not all(counts):
            yield Finding(
                "members",
                member.replication_group_id,
                "this secondary takes automatic failover from the primary, and has no replica",
                "give it a replica",
            )


def network(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-vpc."""
    yield from _each(spec, speaks_ipv6, "global datastores speak IPv4 alone", "set network_type='ipv4'")


def durability(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-no-durability."""
    yield from _each(
        spec, is_durable, "durability cannot be combined with a global datastore", "set durability='disabled'"
    )


def _each(
    spec: GlobalReplicationGroupSpec, is_wrong: Callable[[ReplicationGroupSpec], bool], fault: str, remedy: str
) -> Iterator[Finding]:
    for member in known(spec.members) or ():
        group = effective.group(member)
        if group is not None and effective.decided(is_wrong, group):
            yield Finding("members", member.replication_group_id, fault, remedy)


def _regions(spec: GlobalReplicationGroupSpec) -> list[str]:
    listed = known(spec.members) or ()
    return [member.replication_group_region for member in listed if isinstance(member.replication_group_region, str)]


CHECKS = {
    "gl-members": members,
    "gl-one-per-region": regions,
    "gl-regions": regions_known,
    "gl-china": china,
    "gl-same-shape": same_shape,
    "gl-failover-inherits": failover,
    "gl-vpc": network,
    "gl-no-durability": durability,
}
