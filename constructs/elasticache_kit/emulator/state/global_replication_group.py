"""Global datastores: replication groups of several Regions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class GlobalMember:
    """A replication group of a global datastore.

    Args:
        region_name: its Region.
        replication_group_id: its id there.
        role: `PRIMARY` or `SECONDARY`.
        status: `associating`, `associated` or `disassociating`.
    """

    region_name: str
    replication_group_id: str
    role: str
    status: str


@dataclass(slots=True)
class GlobalReplicationGroup:
    """A global datastore as it stands; what its members share is read from its primary.

    Args:
        global_replication_group_id: its id, with the prefix of the Region that it was made in.
        arn: its ARN.
        description: what it is for.
        members: its replication groups.
        status: `creating`, `primary-only`, `available`, `modifying` or `deleting`.
    """

    global_replication_group_id: str
    arn: str
    description: str
    members: list[GlobalMember]
    status: str = "creating"

    @property
    def primary(self) -> GlobalMember:
        """The member that takes writes."""
        return next(member for member in self.members if member.role == "PRIMARY")
