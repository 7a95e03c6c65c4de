"""The subjects: each kind of resource with its rules, its good and nearly good specs, and the requests that ask for it.

A subject takes part as soon as the emulator has its operation, so a new one is one more line of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator.operation import OPERATIONS
from elasticache_kit.model import cache_cluster, parameter, replication_group, serverless_cache, subnet_group, user
from elasticache_kit.model.engine import families
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.rule import Violation
from elasticache_kit.model.unknown import Unknown
from tests.model.case import access as access_case
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import parameter_group as parameter_group_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import replication_group_option as option_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import subnet_group as subnet_group_case
from tests.model.case import user as user_case
from tests.property import cache_cluster as asked_cache_cluster
from tests.property import parameter_group as good_parameter_group
from tests.property import replication_group as good_replication_group
from tests.property import serverless_cache as asked_serverless_cache
from tests.property import subnet_group as good_subnet_group
from tests.property import user as asked_user
from tests.property.member import request
from tests.property.world import LETTERS, REGION, World

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from elasticache_kit.model.parameter import ParameterGroupSpec
    from elasticache_kit.model.subnet_group import SubnetGroupSpec
    from tests.property.near_miss import Cases

Request = tuple[str, dict[str, Any], tuple[Violation, ...]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of resource that rulebook and API both judge.

    Args:
        name: as the rules call it.
        weight: its share of the cases, against the other subjects.
        operation: what makes it.
        check: the rulebook.
        good: specs that break no rule, by construction.
        cases: of each rule a spec that breaks it and one that keeps to it.
        settle: gives a spec its place in a world: what it names is there, and what it knows is true.
        requests: the requests that ask for a spec, each with what the rulebook says to it.
        undo: the request that removes it again.
    """

    name: str
    weight: int
    operation: str
    check: Callable[[Any], tuple[Violation, ...]]
    good: st.SearchStrategy[Any]
    cases: Cases
    settle: Callable[[Any, World], Any]
    requests: Callable[[Any], Iterator[Request]]
    undo: Callable[[Any], tuple[str, dict[str, Any]]]

    @property
    def served(self) -> bool:
        """Whether the emulator has its operation."""
        return self.operation in OPERATIONS


def _settled_group(spec: ReplicationGroupSpec, world: World) -> ReplicationGroupSpec:
    """Name a subnet group and a parameter group that are there; users, snapshots and datastores are left out."""
    told: dict[str, Any] = {
        "snapshot_engine": None,
        "snapshot_cache_node_type": None,
        "snapshot_num_node_groups": None,
        "user_group_engine": None,
        "user_group_users": None,
        # The world has none of these yet, and the API looks for what is named before it asks the rulebook.
        "user_group_ids": None,
        "snapshot_name": None,
        "snapshot_arns": None,
        "serverless_cache_snapshot_name": None,
        "global_replication_group_id": None,
        "primary_cluster_id": None,
        "notification_topic_arn": None,
        # A property of CloudFormation, and of ModifyReplicationGroup.
        "snapshotting_cluster_id": None,
    }
    if spec.cache_subnet_group_name is None:
        told["subnet_zones"] = None
    else:
        covered = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ("a", "b")
        letters = "".join(sorted({zone for zone in covered if zone in LETTERS}))
        told["cache_subnet_group_name"] = world.subnet_group(letters)
        told["subnet_zones"] = tuple(REGION + letter for letter in letters)
    name = spec.cache_parameter_group_name
    values: dict[str, str] = {**cast("dict[str, str]", spec.parameter_group_parameters or {})}
    family = spec.parameter_group_family or _family(spec)
    # A parameter is set by a group of one's own, and the API tells the family of each group.
    if values or (name is not None and not str(name).startswith(("default.", "Default."))):
        if spec.parameter_group_cluster_enabled is not None:
            values["cluster-enabled"] = "yes" if spec.parameter_group_cluster_enabled else "no"
        told["cache_parameter_group_name"] = world.parameter_group(str(family), values)
        told["parameter_group_family"] = family
        told["parameter_group_parameters"] = values
        told["parameter_group_cluster_enabled"] = values.get("cluster-enabled") == "yes"
    else:
        told["parameter_group_family"] = told["parameter_group_cluster_enabled"] = None
    if isinstance(spec.auth_token, Unknown):
        told["auth_token"] = access_case.TOKEN
    if isinstance(spec.preferred_cache_cluster_azs, tuple):
        told["preferred_cache_cluster_azs"] = tuple(REGION + zone for zone in spec.preferred_cache_cluster_azs)
    if isinstance(spec.node_group_configuration, tuple):
        told["node_group_configuration"] = tuple(_settled_node_group(item) for item in spec.node_group_configuration)
    if spec.replication_group_id is None:
        told["replication_group_id"] = "orders"
    return replace(spec, **told)


def _settled_node_group(spec: NodeGroupSpec) -> NodeGroupSpec:
    primary, replicas = spec.primary_availability_zone, spec.replica_availability_zones
    return replace(
        spec,
        # An item that says nothing is lost on the wire: the query protocol has no way to write it.
        replica_count=1 if spec == NodeGroupSpec() else spec.replica_count,
        primary_availability_zone=REGION + primary if isinstance(primary, str) else None,
        replica_availability_zones=tuple(REGION + zone for zone in replicas) if isinstance(replicas, tuple) else None,
    )


def _family(spec: ReplicationGroupSpec) -> str:
    engine, version = str(spec.engine), str(spec.engine_version)
    near = [name for name in families() if name.startswith(f"{engine}{version[:1]}")]
    return near[-1] if near and spec.engine_version else "valkey9"


def _group_requests(spec: ReplicationGroupSpec) -> Iterator[Request]:
    yield "create_replication_group", request("CreateReplicationGroup", spec), replication_group.check(spec)


def _parameter_group_requests(spec: ParameterGroupSpec) -> Iterator[Request]:
    """A parameter group takes two requests, and the values come with the second one."""
    empty = replace(spec, parameters=None)
    made = {
        "CacheParameterGroupName": spec.cache_parameter_group_name,
        "CacheParameterGroupFamily": spec.cache_parameter_group_family,
        "Description": spec.description,
    }
    given = {name: value for name, value in made.items() if value is not None}
    yield "create_cache_parameter_group", given, parameter.check(empty)
    pairs = [
        {"ParameterName": name, "ParameterValue": value}
        for name, value in cast("Mapping[str, str]", spec.parameters or {}).items()
    ]
    if pairs:
        name = {"CacheParameterGroupName": spec.cache_parameter_group_name, "ParameterNameValues": pairs}
        yield "modify_cache_parameter_group", name, parameter.check(spec)


def _subnet_group_requests(spec: SubnetGroupSpec) -> Iterator[Request]:
    made = {
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "CacheSubnetGroupDescription": spec.description,
        "SubnetIds": list(cast("tuple[str, ...]", spec.subnet_ids or ())),
    }
    given = {name: value for name, value in made.items() if value is not None}
    yield "create_cache_subnet_group", given, subnet_group.check(spec)


def _settled_subnet_group(spec: SubnetGroupSpec, world: World) -> SubnetGroupSpec:
    """Name subnets that are there."""
    asked = cast("tuple[str, ...]", spec.subnet_ids or ())
    subnets = list(world.subnets.values())
    return replace(
        spec,
        cache_subnet_group_name="private" if spec.cache_subnet_group_name is None else spec.cache_subnet_group_name,
        subnet_ids=tuple(subnets[number % len(subnets)] for number, _ in enumerate(asked)),
    )


def _settled_parameter_group(spec: ParameterGroupSpec, world: World) -> ParameterGroupSpec:
    """Give a group its name, which CloudFormation would make up."""
    del world
    return spec if spec.cache_parameter_group_name is not None else replace(spec, cache_parameter_group_name="ours")


SUBJECTS = (
    Subject(
        name="replication_group",
        weight=14,
        operation="CreateReplicationGroup",
        check=replication_group.check,
        good=good_replication_group.good(),
        cases={**replication_group_case.CASES, **option_case.CASES, **access_case.CASES},
        settle=_settled_group,
        requests=_group_requests,
        undo=lambda spec: ("delete_replication_group", {"ReplicationGroupId": spec.replication_group_id}),
    ),
    Subject(
        name="parameter_group",
        weight=5,
        operation="CreateCacheParameterGroup",
        check=parameter.check,
        good=good_parameter_group.good(),
        cases=parameter_group_case.CASES,
        settle=_settled_parameter_group,
        requests=_parameter_group_requests,
        undo=lambda spec: (
            "delete_cache_parameter_group",
            {"CacheParameterGroupName": spec.cache_parameter_group_name},
        ),
    ),
    Subject(
        name="subnet_group",
        weight=1,
        operation="CreateCacheSubnetGroup",
        check=subnet_group.check,
        good=good_subnet_group.good(),
        cases=subnet_group_case.CASES,
        settle=_settled_subnet_group,
        requests=_subnet_group_requests,
        undo=lambda spec: ("delete_cache_subnet_group", {"CacheSubnetGroupName": spec.cache_subnet_group_name}),
    ),
    Subject(
        name="cache_cluster",
        weight=4,
        operation="CreateCacheCluster",
        check=cache_cluster.check,
        good=asked_cache_cluster.good(),
        cases=cache_cluster_case.CASES,
        settle=asked_cache_cluster.settled,
        requests=asked_cache_cluster.requests,
        undo=asked_cache_cluster.undo,
    ),
    Subject(
        name="serverless_cache",
        weight=4,
        operation="CreateServerlessCache",
        check=serverless_cache.check,
        good=asked_serverless_cache.good(),
        cases=serverless_cache_case.CASES,
        settle=asked_serverless_cache.settled,
        requests=asked_serverless_cache.requests,
        undo=asked_serverless_cache.undo,
    ),
    Subject(
        name="user",
        weight=4,
        operation="CreateUser",
        check=user.check,
        good=asked_user.good(),
        cases=user_case.CASES,
        settle=asked_user.settled,
        requests=asked_user.requests,
        undo=asked_user.undo,
    ),
)
