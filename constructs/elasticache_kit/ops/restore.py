"""Restoring: a new replication group, of the same or another shape, that starts with the data of a snapshot.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import RefusedError
from elasticache_kit.model import parameter
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.change import modification
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.property import properties as properties_of
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.replication_group.properties import asked_version
from elasticache_kit.model.slot import even_ranges
from elasticache_kit.ops import backup, target
from elasticache_kit.ops.content import Access, Comparison
from elasticache_kit.ops.plan import Act, Call, Deferred, Plan, Say, Seen, State, Step, Wait
from elasticache_kit.ops.session import Session, code, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.seed import Seed
    from elasticache_kit.ops.wait import Clock

Document = Mapping[str, Any]

TIMEOUT_SECONDS = 4 * 3600.0
# The description tells a later run that a group is the one that it was making, also while it is being made.
_FROM = "restored from "
_TYPE = "AWS::ElastiCache::ReplicationGroup"
# What belongs to the old group alone, or is decided by the shape.
_NOT_TAKEN = frozenset(
    {
        "ReplicationGroupDescription",
        "ReplicationGroupId",
        "Tags",
        "NumCacheClusters",
        "NumNodeGroups",
        "ReplicasPerNodeGroup",
        "NodeGroupConfiguration",
        "ClusterMode",
        "SnapshottingClusterId",
        "DataTieringEnabled",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the new group shall be; what is None is as in the source.

    Args:
        cache_node_type: the node type.
        num_node_groups: the number of node groups; other than in the snapshot, the slots are spread evenly.
        replicas: the replicas of each node group.
        cache_subnet_group_name: the subnet group.
        security_group_ids: the security groups.
        engine_version: the engine version.
        parameter_group: the parameter group.
    """

    cache_node_type: str | None = None
    num_node_groups: int | None = None
    replicas: int | None = None
    cache_subnet_group_name: str | None = None
    security_group_ids: tuple[str, ...] | None = None
    engine_version: str | None = None
    parameter_group: str | None = None


def plan(
    source: Seed,
    group_id: str,
    shape: Shape,
    present: str | None,
    *,
    auth_token: Deferred | None = None,
    digest: Access | None = None,
    comparison: Comparison | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan a new group that starts with the data of a source.

    Args:
        source: where the data come from.
        group_id: the id of the new group.
        shape: what it shall be.
        present: what `restored_from` says of a group of that id; None where there is none.
        auth_token: the AUTH token that its clients send; none when omitted, which is refused where the source has one.
        digest: how to get in to read all keys in the end. None are read when omitted.
        comparison: where the digests go.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be made; the message has every reason.
    """
    operation = f"restore of {source.name} into {group_id}"
    request = _request(source, group_id, shape)
    if auth_token is not None:
        request = {**request, "AuthToken": auth_token}
    reasons: list[str] = []
    if present is not None and present != source.name:
        reasons.append(f"there is a replication group {group_id} already, from something else: choose another id")
    if source.auth_token and auth_token is None:
        reasons.append(
            "clients of the source send an AUTH token: name the secret that holds it with --auth-token-secret"
        )
    if present is None:
        reasons += _refusals(source, request)
    if reasons:
        raise RefusedError(operation, reasons)
    call = Call("CreateReplicationGroup", tuple(request.items()), done=_made(group_id, source.name))
    settled = target.settled(group_id, "holds what was restored", lambda _: True)
    steps: list[Step] = [call, Wait(settled, timeout_seconds, (group_id,))]
    comparison = comparison or Comparison()
    comparison.before = source.digest
    if digest is not None:
        steps.append(backup.reading(group_id, digest, comparison, before=False))
        steps.append(_compare(comparison, source))
    return Plan(operation, tuple(steps), _notes(source, request))


def restored_from(session: Session, group_id: str) -> str | None:
    """Return the source that a group was restored from; empty for one that was made otherwise, None where none is.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        try:
            group = session.ask.describe_replication_groups(ReplicationGroupId=group_id)["ReplicationGroups"][0]
        except ClientError as error:
            if code(error) != "ReplicationGroupNotFoundFault":
                raise
            return None
    text = group.get("Description", "")
    return text.removeprefix(_FROM) if text.startswith(_FROM) else ""


def _request(source: Seed, group_id: str, shape: Shape) -> dict[str, Any]:
    """Return the members of CreateReplicationGroup."""
    version = shape.engine_version or asked_version(source.engine, source.engine_version)
    sharded = any(source.slots) or (shape.num_node_groups or 1) > 1
    chosen = {
        "CacheNodeType": shape.cache_node_type or source.cache_node_type,
        "CacheSubnetGroupName": shape.cache_subnet_group_name,
        "SecurityGroupIds": list(shape.security_group_ids) if shape.security_group_ids else None,
        "Engine": source.engine,
        "EngineVersion": version,
        "CacheParameterGroupName": shape.parameter_group or _parameter_group(source, version, sharded=sharded),
    }
    replicas = source.replicas if shape.replicas is None else shape.replicas
    request: dict[str, Any] = {
        "ReplicationGroupId": group_id,
        "ReplicationGroupDescription": f"{_FROM}{source.name}",
        "AutomaticFailoverEnabled": sharded or replicas > 0,
        "MultiAZEnabled": replicas > 0,
        **{name: value for name, value in source.settings.items() if name not in _NOT_TAKEN},
        **{name: value for name, value in chosen.items() if value is not None},
        **source.data,
        **(_shards(source, shape, replicas) if sharded else {"NumCacheClusters": 1 + replicas}),
    }
    if replicas == 0:
        request |= {"MultiAZEnabled": False, "AutomaticFailoverEnabled": sharded}
    return {name: value for name, value in request.items() if value is not None and value != []}


def _shards(source: Seed, shape: Shape, replicas: int) -> dict[str, Any]:
    count = shape.num_node_groups or len(source.slots)
    if count == len(source.slots) and all(source.slots) and "SnapshotName" in source.data:
        return {"NumNodeGroups": count, "ReplicasPerNodeGroup": replicas}
    kept = count == len(source.slots) and all(source.slots)
    slots = [str(item) for item in source.slots] if kept else even_ranges(count)
    configuration = [
        {"NodeGroupId": f"{number:04}", "Slots": text, "ReplicaCount": replicas}
        for number, text in enumerate(slots, start=1)
    ]
    return {"NumNodeGroups": count, "NodeGroupConfiguration": configuration}


def _parameter_group(source: Seed, version: str, *, sharded: bool) -> str | None:
    """Return the parameter group: that of the source, or AWS's own where the source has AWS's own of another kind."""
    name = source.settings.get("CacheParameterGroupName")
    if name is None or parameter.default_group_family(str(name)) is not None:
        return parameter.default_parameter_group(EngineVersion.of(source.engine, version).family, sharded)
    return str(name)


def _refusals(source: Seed, request: Document) -> list[str]:
    given = {name: value for name, value in request.items() if name != "AuthToken"}
    spec: ReplicationGroupSpec = modification.spec(ReplicationGroupSpec, given, properties_of(_TYPE))
    spec = replace(
        spec,
        snapshot_engine=source.engine,
        snapshot_cache_node_type=source.cache_node_type,
        snapshot_num_node_groups=(len(source.slots) or None) if "SnapshotName" in source.data else None,
    )
    return list(target.spoken(rulebook.check(spec)))


def _made(group_id: str, name: str) -> State:
    def look(session: Session) -> Seen:
        return Seen(restored_from(session, group_id) == name)

    return State(f"there is {group_id}, restored from it", look)


def _compare(comparison: Comparison, source: Seed) -> Act:
    def act(_session: Session, say: Say, _clock: Clock) -> None:
        if comparison.before is None:
            comparison.why = "the snapshot bears no digest: take it with --digest"
        say(f"content: {comparison.verdict}")
        if comparison.before and comparison.after and comparison.before != comparison.after:
            raise RefusedError(
                f"restore of {source.name}",
                [f"the group holds {comparison.after}, and the snapshot bears {comparison.before}"],
            )

    return Act("compare the digest with that of the snapshot", act)


def _notes(source: Seed, request: Document) -> tuple[str, ...]:
    found = ["a new group has new endpoints: clients must be led to it"]
    if not source.settings.get("CacheSubnetGroupName") and "CacheSubnetGroupName" not in request:
        found.append("no subnet group is named: it comes into the default VPC")
    if "SecurityGroupIds" not in request:
        found.append("no security group is named: it gets the default one of the VPC")
    return tuple(found)
