"""Adopting a replication group that nobody made with these constructs: observe it, and say what stands in the way.

https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-import.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import RefusedError, ValidationError
from elasticache_kit.model.replication_group.properties import properties
from elasticache_kit.ops import inventory
from elasticache_kit.ops.session import Session, code, reaching

Document = Mapping[str, Any]

_CONSTRUCT_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,127}")
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
# The CDK leaves these out of the readable part of a logical id.
_HIDDEN = frozenset({"Default", "Resource"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A replication group that exists, as far as the API tells.

    Args:
        account: the AWS account that it is in.
        region: the AWS region.
        properties: its properties, as a template would say them.
        vpc_id: the VPC of its subnet group.
        availability_zones: the zones of the subnets, sorted.
        auth_token_enabled: whether clients send an AUTH token, whose text the API does not tell.
        global_replication_group_id: the global datastore that it is a member of.
        global_role: `primary` or `secondary` in it.
        status: `available`, `modifying`, ...
        pending: the names of the changes that wait for the maintenance window.
    """

    account: str
    region: str
    properties: Document
    vpc_id: str | None
    availability_zones: tuple[str, ...]
    auth_token_enabled: bool = False
    global_replication_group_id: str | None = None
    global_role: str | None = None
    status: str = "available"
    pending: tuple[str, ...] = ()

    @property
    def replication_group_id(self) -> str:
        """Its id."""
        return str(self.properties["ReplicationGroupId"])

    @property
    def sharded(self) -> bool:
        """Whether its cluster mode is enabled, so that it is a ShardedReplicationGroup."""
        return self.properties["ClusterMode"] == "enabled"


def observe(session: Session, replication_group_id: str) -> Observed:
    """Look at a replication group, with one of its nodes, its subnet group and its tags.

    Raises:
        NotFoundError: it does not exist; the message names those that do.
        ConnectionFailedError: the API cannot be reached.
    """
    group = cast("Document", inventory.description(session, replication_group_id))
    with reaching():
        members: list[str] = group.get("MemberClusters", [])
        member: Document = _member(session, members[0]) if members else {}
        subnets = _subnets(session, member.get("CacheSubnetGroupName"))
        tags = session.ask.list_tags_for_resource(ResourceName=group["ARN"]).get("TagList", [])
    pending: Document = group.get("PendingModifiedValues") or {}
    joined: Document = group.get("GlobalReplicationGroupInfo") or {}
    zones = {subnet["SubnetAvailabilityZone"]["Name"] for subnet in subnets.get("Subnets", [])}
    return Observed(
        account=group["ARN"].split(":")[4],
        region=session.region,
        properties=properties(group, member, cast("list[Document]", tags)),
        vpc_id=subnets.get("VpcId"),
        availability_zones=tuple(sorted(zones)),
        auth_token_enabled=bool(group.get("AuthTokenEnabled")),
        global_replication_group_id=joined.get("GlobalReplicationGroupId"),
        global_role=(joined.get("GlobalReplicationGroupMemberRole") or "").lower() or None,
        status=group.get("Status", "unknown"),
        pending=tuple(sorted(name for name, value in pending.items() if value)),
    )


def refuse(observed: Observed) -> None:
    """Refuse what cannot be adopted.

    Raises:
        RefusedError: it cannot; the message has every reason.
    """
    reasons: list[str] = []
    if observed.status != "available":
        reasons.append(f"its status is {observed.status!r}, and it must be 'available': wait for it")
    if observed.vpc_id is None:
        reasons.append("it is in no subnet group of a VPC, and the constructs make caches in a VPC only")
    if observed.global_role == "secondary":
        reasons.append(
            f"it is a secondary of the global datastore {observed.global_replication_group_id}, whose primary says "
            "what it is: detach it first, or leave it to the stack of the global datastore"
        )
    if reasons:
        raise RefusedError(f"adoption of {observed.replication_group_id}", reasons)


def notes(observed: Observed, *, secret: str | None = None) -> tuple[str, ...]:
    """Say what the API does not tell and what else the user must look at.

    Args:
        observed: the group.
        secret: the secret that holds the AUTH token. Default: not known.
    """
    found: list[str] = []
    if observed.auth_token_enabled and secret is None:
        found.append(
            "Clients send an AUTH token, and the API does not tell it. Put it into a secret of Secrets Manager, JSON "
            "with a `password`, and write its name below before you import: without it a later deployment would "
            "replace the group."
        )
    if observed.global_role == "primary":
        found.append(
            f"It is the primary of the global datastore {observed.global_replication_group_id}, which is not adopted."
        )
    if observed.pending:
        found.append(
            f"Changes wait for the maintenance window and are not in the code: {', '.join(observed.pending)}. Apply "
            "them first, and adopt the group after that."
        )
    return tuple(found)


def check_names(stack: str, construct_id: str) -> None:
    """Check the names that an adoption gives.

    Raises:
        ValidationError: CloudFormation or the CDK would refuse one.
    """
    mistakes: list[str] = []
    if not _STACK_NAME.fullmatch(stack):
        mistakes.append(f"the stack name {stack!r} must be a letter and up to 127 letters, digits and hyphens: --stack")
    if not _CONSTRUCT_ID.fullmatch(construct_id) or construct_id in _HIDDEN:
        mistakes.append(
            f"the construct id {construct_id!r} must be a letter and up to 127 letters and digits, and none of "
            f"{', '.join(sorted(_HIDDEN))}: --id"
        )
    if mistakes:
        raise ValidationError("\n".join(mistakes))


def logical_id(construct_id: str) -> str:
    """Return the logical id that the CDK gives to the group of a construct right below its stack.

    See makeUniqueId in aws-cdk-lib/core/lib/private/uniqueid.ts
    """
    digest = hashlib.md5(f"{construct_id}/Resource".encode(), usedforsecurity=False).hexdigest()
    return f"{construct_id}{digest[:8].upper()}"


def mapping(observed: Observed, construct_id: str) -> dict[str, dict[str, str]]:
    """Return what `cdk import --resource-mapping` reads: which live resource each logical id stands for."""
    return {logical_id(construct_id): {"ReplicationGroupId": observed.replication_group_id}}


def _member(session: Session, cache_cluster_id: str) -> Document:
    return session.ask.describe_cache_clusters(CacheClusterId=cache_cluster_id)["CacheClusters"][0]


def _subnets(session: Session, name: str | None) -> Document:
    if name is None:
        return {}
    try:
        return session.ask.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]
    except ClientError as error:
        if code(error) != "CacheSubnetGroupNotFoundFault":
            raise
        return {}
