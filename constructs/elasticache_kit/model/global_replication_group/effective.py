"""What is known of the members of a global datastore."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.model.global_replication_group.spec import GlobalMemberSpec, GlobalReplicationGroupSpec

T = TypeVar("T")


def group(member: GlobalMemberSpec) -> ReplicationGroupSpec | None:
    """Return the replication group of a member, None where nothing is known of it."""
    found = member.replication_group
    return found if isinstance(found, ReplicationGroupSpec) else None


def groups(spec: GlobalReplicationGroupSpec) -> tuple[ReplicationGroupSpec, ...]:
    """Return the replication groups of the members that something is known of."""
    found = (group(member) for member in known(spec.members) or ())
    return tuple(item for item in found if item is not None)


def decided(read: Callable[[ReplicationGroupSpec], T], of: ReplicationGroupSpec) -> T | None:
    """Return what is read of a group, None where it cannot be told."""
    try:
        return read(of)
    except UndecidedError:
        return None


def shards(of: ReplicationGroupSpec) -> int:
    """Return the number of shards that a group asks for.

    Raises:
        UndecidedError: it asks for none, or the number is UNKNOWN.
    """
    configuration = known(of.node_group_configuration)
    if configuration:
        return len(configuration)
    count = known(of.num_node_groups)
    if count is None:
        raise UndecidedError
    return count
