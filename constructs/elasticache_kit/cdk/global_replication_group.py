"""GlobalReplicationGroup: a global datastore, replication groups in several Regions of which one takes writes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace

from aws_cdk import CfnTag, RemovalPolicy, Resource, Stack
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, violation, warn
from elasticache_kit.cdk.membership import add_to_global_datastore, scaled_member
from elasticache_kit.cdk.name import unique_name
from elasticache_kit.cdk.parameter_group import IParameterGroup
from elasticache_kit.cdk.reference import IShardedReplicationGroup, ReplicationGroupReference
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.global_replication_group import GlobalMemberSpec, GlobalReplicationGroupSpec, check
from elasticache_kit.model.global_replication_group.prefix import global_replication_group_id
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.rule import Violation, refuse
from elasticache_kit.model.unknown import UNKNOWN

_PRIMARY = "PRIMARY"
_SECONDARY = "SECONDARY"
# With the longest prefix it stays as short as the id of a replication group must be.
_LONGEST_SUFFIX = 34


class IGlobalReplicationGroup(Resource, ABC):
    """A global datastore, made here or imported."""

    @property
    @abstractmethod
    def global_replication_group_id(self) -> str:
        """The whole id, with the prefix of the Region: what a secondary takes in global_replication_group_id."""


class GlobalReplicationGroup(IGlobalReplicationGroup):
    """Makes an AWS::ElastiCache::GlobalReplicationGroup around a replication group, its primary.

    The primary takes the writes and sends them to the secondaries, which are replication groups in other Regions and so
    in other stacks. A secondary joins with its global_replication_group_id and is then told to `add_secondary`, which
    deploys it after the datastore and removes it before:

        datastore = GlobalReplicationGroup(primary_stack, "Datastore", primary_replication_group=primary)
        secondary = ReplicationGroup(other_stack, "Cache", vpc=vpc,
                                     global_replication_group_id=datastore.global_replication_group_id)
        datastore.add_secondary(secondary)

    CloudFormation takes the primary only as a member: "GlobalReplicationGroup cannot be created with multiple members".
    From then on ElastiCache refuses a change of a member's node type, version or size ("is part of a global cluster"):
    leave those of the primary as they are, and say them here.

    It is removed in this order: the secondaries, the datastore, the primary. `cdk destroy` keeps to it among the stacks
    that it is given, ElastiCache refuses to delete a datastore that has secondaries, and without its datastore the
    primary goes on with its data. After a promotion (FailoverGlobalReplicationGroup) the roles are the other way round,
    and ElastiCache refuses to remove what the templates call a secondary: promote the primary back first.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    Args:
        scope: the construct that this one is part of, in a stack of the Region of the primary.
        construct_id: its id in that scope.
        primary_replication_group: the replication group that takes the writes, made here or imported.
        global_replication_group_id_suffix: the part of the id that one chooses: letters, digits and single hyphens.
            Default: one of the path of the construct.
        global_replication_group_description: what it is for. Default: none.
        automatic_failover_enabled: whether a replica takes over when the primary node of a Region fails. Default: as
            the primary replication group has it, which in cluster mode is yes.
        cache_node_type: the node type that all members are to change to. Default: that of the primary.
        engine_version: the version that all members are to change to. Default: that of the primary.
        cache_parameter_group: the engine's settings for a new major engine_version; not when the datastore is made.
            Default: ElastiCache chooses.
        global_node_group_count: the number of node groups that all members are to change to. Default: that of the
            primary.
        tags: the tags of the datastore. Default: those that the app gives to its resources.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the datastore; the message lists
            every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        primary_replication_group: ReplicationGroupReference,
        global_replication_group_id_suffix: str | None = None,
        global_replication_group_description: str | None = None,
        automatic_failover_enabled: bool | None = None,
        cache_node_type: NodeType | None = None,
        engine_version: EngineVersion | None = None,
        cache_parameter_group: IParameterGroup | None = None,
        global_node_group_count: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        path = construct_path(scope, construct_id)
        primary = primary_replication_group
        if automatic_failover_enabled is None and isinstance(primary, IShardedReplicationGroup):
            automatic_failover_enabled = True
        suffix = global_replication_group_id_suffix
        group_name = cache_parameter_group.cache_parameter_group_name if cache_parameter_group else None
        self._primary = primary
        self._secondaries: list[ReplicationGroupReference] = []
        self._spec = GlobalReplicationGroupSpec(
            # A suffix of the path is legal, and made when the construct is.
            global_replication_group_id_suffix=UNKNOWN if suffix is None else at_synth(suffix),
            global_replication_group_description=at_synth(global_replication_group_description),
            members=(_member(primary, _PRIMARY),),
            automatic_failover_enabled=automatic_failover_enabled,
            cache_node_type=at_synth(cache_node_type.name) if cache_node_type else None,
            engine=engine_version.engine if engine_version else None,
            engine_version=at_synth(engine_version.version) if engine_version else None,
            cache_parameter_group_name=at_synth(group_name),
            global_node_group_count=at_synth(global_node_group_count),
            tags=None if tags is None else {key: at_synth(value) for key, value in tags.items()},
        )
        mistakes = [*_other_region(Stack.of(scope), primary), *scaled_member(primary)]
        self._warnings = refuse(path, (*mistakes, *check(self._spec)))

        super().__init__(scope, construct_id)
        self._suffix = suffix or unique_name(self, _LONGEST_SUFFIX)
        self._resource = elasticache.CfnGlobalReplicationGroup(
            self,
            "Resource",
            members=[
                elasticache.CfnGlobalReplicationGroup.GlobalReplicationGroupMemberProperty(
                    replication_group_id=primary.replication_group_id,
                    replication_group_region=self.stack.region,
                    role=_PRIMARY,
                )
            ],
            global_replication_group_id_suffix=self._suffix,
            global_replication_group_description=global_replication_group_description,
            automatic_failover_enabled=automatic_failover_enabled,
            cache_node_type=cache_node_type.name if cache_node_type else None,
            engine=engine_version.engine.value if engine_version else None,
            engine_version=engine_version.version if engine_version else None,
            cache_parameter_group_name=group_name,
            global_node_group_count=global_node_group_count,
            tags=None if tags is None else [CfnTag(key=key, value=value) for key, value in tags.items()],
        )
        # The primary could not be removed while a datastore that nobody manages any more holds it.
        self._resource.apply_removal_policy(RemovalPolicy.DESTROY, apply_to_update_replace_policy=True)
        add_to_global_datastore(primary)
        warn(self, self._warnings)

    @staticmethod
    @typed
    def from_global_replication_group_id(
        scope: Construct, construct_id: str, global_replication_group_id: str
    ) -> IGlobalReplicationGroup:
        """Import a global datastore that exists, by its whole id."""
        return _ImportedGlobalReplicationGroup(scope, construct_id, global_replication_group_id)

    @property
    def global_replication_group_id(self) -> str:
        """The whole id, with the prefix of the Region.

        It is known at synth where the stack has a Region whose prefix AWS publishes. Elsewhere it is a token, which
        reaches another Region only with the CDK's cross_region_references.
        """
        known = global_replication_group_id(self.stack.region, self._suffix)
        return self._resource.ref if known is None else known

    @property
    def secondaries(self) -> tuple[ReplicationGroupReference, ...]:
        """The secondaries that were added."""
        return tuple(self._secondaries)

    @typed
    def add_secondary(self, replication_group: ReplicationGroupReference) -> None:
        """Add a replication group of another Region that joins with the id of this datastore.

        Its stack is deployed after this one, and destroyed before.

        Args:
            replication_group: the secondary, made here or imported.

        Raises:
            ValidationError: ElastiCache would refuse the datastore with this secondary.
        """
        groups = [*self._secondaries, replication_group]
        members = (_member(self._primary, _PRIMARY), *(_member(group, _SECONDARY) for group in groups))
        mistakes = [*self._stranger(replication_group), *scaled_member(replication_group)]
        warnings = refuse(self.node.path, (*mistakes, *check(replace(self._spec, members=members))))
        self._secondaries.append(replication_group)
        add_to_global_datastore(replication_group)
        replication_group.node.add_dependency(self)
        warn(self, [warning for warning in warnings if warning not in self._warnings])
        self._warnings = warnings

    def _stranger(self, group: ReplicationGroupReference) -> Iterator[Violation]:
        """Yield what keeps a replication group from being a secondary of this datastore."""
        if isinstance(group, IShardedReplicationGroup) is not isinstance(self._primary, IShardedReplicationGroup):
            yield violation(
                "cdk-global-cluster-mode",
                "replication_group",
                group.node.path,
                f"its cluster mode is not that of the primary {self._primary.node.path}",
                f"take a {_class_name(self._primary)}",
            )
        if group.node.default_child is not None and group.spec.global_replication_group_id is None:
            yield violation(
                "cdk-global-not-joined",
                "replication_group",
                group.node.path,
                "it does not join a global datastore, and ElastiCache takes no group that is there already",
                "give it global_replication_group_id, and leave out what it takes from the primary",
            )
        if is_token(group.stack.region) and group.stack.region == self.stack.region:
            yield violation(
                "cdk-global-region",
                "replication_group",
                group.node.path,
                "it is in the Region of the primary, as far as the app knows",
                "give its stack and that of the primary a Region each: Stack(..., env=Environment(region=...))",
            )


class _ImportedGlobalReplicationGroup(IGlobalReplicationGroup):
    def __init__(self, scope: Construct, construct_id: str, global_replication_group_id: str) -> None:
        super().__init__(scope, construct_id)
        self._id = global_replication_group_id

    @property
    def global_replication_group_id(self) -> str:
        return self._id


def _member(group: ReplicationGroupReference, role: str) -> GlobalMemberSpec:
    # A reader knows the path better than an id that only a deployment knows.
    path = group.node.path
    return GlobalMemberSpec(
        replication_group_id=path,
        replication_group_region=at_synth(group.stack.region),
        role=role,
        replication_group=replace(group.spec, replication_group_id=path),
    )


def _other_region(stack: Stack, primary: ReplicationGroupReference) -> Iterator[Violation]:
    if primary.stack.region != stack.region:
        yield violation(
            "cdk-global-primary-region",
            "primary_replication_group",
            primary.node.path,
            f"it is in {primary.stack.region} and this stack is in {stack.region}",
            "make the datastore in a stack of the Region of its primary",
        )


def _class_name(group: ReplicationGroupReference) -> str:
    return "ShardedReplicationGroup" if isinstance(group, IShardedReplicationGroup) else "ReplicationGroup"
