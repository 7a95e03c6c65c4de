"""What makes a replication group of a lookup: the `from_lookup` of ReplicationGroup and of ShardedReplicationGroup."""

from collections.abc import Sequence

from aws_cdk import Annotations
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, typed
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.imported_replication_group import ImportedReplicationGroup, ImportedShardedReplicationGroup
from elasticache_kit.cdk.looked_up_group import look_up_group
from elasticache_kit.cdk.reference import IReplicationGroup, IShardedReplicationGroup
from elasticache_kit.model.unknown import UNKNOWN


class ReplicationGroupLookup:
    """Gives ReplicationGroup its `from_lookup`."""

    @staticmethod
    @typed
    def from_lookup(
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        authentication: Authentication | None = None,
    ) -> IReplicationGroup:
        """Look up a replication group with cluster mode disabled, or compatible, that exists.

        The CDK CLI asks the Cloud Control API (GetResource, through the context provider `cc-api-provider`) for the
        group and for its first node, and keeps the answers in cdk.context.json: cluster mode, node type, engine and
        version, whether TLS is on, endpoints, number of nodes, security groups. In the first pass of a synth, before
        the CLI has asked, endpoints are dummies (`dummy.looked-up-by-the-cdk-cli.example`), and no rule refuses one.
        A group that does not exist is an error of the synth.

        Args:
            scope: the construct that this one is part of; its stack has a fixed account and Region.
            construct_id: its id in that scope.
            replication_group_id: its id, known at synth.
            security_groups: the security groups of its nodes. Default: those of its first node; where that is gone,
                none, and a warning.
            authentication: how clients sign in, a user group or a secret that exists; the lookup does not tell.
                Default: nobody has to.

        Raises:
            ValidationError: the group has cluster mode enabled, or something of this is not known at synth.
        """
        found = look_up_group(scope, construct_id, replication_group_id, "disabled")
        primary, reader = found.addresses
        ids = () if security_groups is not None else found.security_group_ids
        made = ImportedReplicationGroup(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            primary_endpoint_address=primary,
            reader_endpoint_address=reader,
            port=found.port,
            security_groups=security_groups or _security_groups(scope, construct_id, ids),
            authentication=authentication,
            spec=found.spec,
        )
        _warn(made, ids)
        return made


class ShardedReplicationGroupLookup:
    """Gives ShardedReplicationGroup its `from_lookup`."""

    @staticmethod
    @typed
    def from_lookup(
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        authentication: Authentication | None = None,
        num_node_groups: int | None = None,
        replicas_per_node_group: int | None = None,
    ) -> IShardedReplicationGroup:
        """Look up a replication group with cluster mode enabled that exists, as ReplicationGroup.from_lookup does.

        Args:
            scope: the construct that this one is part of; its stack has a fixed account and Region.
            construct_id: its id in that scope.
            replication_group_id: its id, known at synth.
            security_groups: the security groups of its nodes. Default: those of its first node; where that is gone,
                none, and a warning.
            authentication: how clients sign in, a user group or a secret that exists; the lookup does not tell.
                Default: nobody has to.
            num_node_groups: its node groups; the lookup does not tell. Default: cache_cluster_ids raises a
                ValidationError.
            replicas_per_node_group: the replicas in each; the lookup does not tell. Default: cache_cluster_ids raises a
                ValidationError.

        Raises:
            ValidationError: the group has another cluster mode, or something of this is not known at synth.
        """
        found = look_up_group(
            scope,
            construct_id,
            replication_group_id,
            "enabled",
            num_node_groups=UNKNOWN if num_node_groups is None else at_synth(num_node_groups),
            replicas_per_node_group=UNKNOWN if replicas_per_node_group is None else at_synth(replicas_per_node_group),
        )
        ids = () if security_groups is not None else found.security_group_ids
        made = ImportedShardedReplicationGroup(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            configuration_endpoint_address=found.addresses[0],
            port=found.port,
            security_groups=security_groups or _security_groups(scope, construct_id, ids),
            authentication=authentication,
            spec=found.spec,
        )
        _warn(made, ids)
        return made


def _security_groups(scope: Construct, construct_id: str, ids: Sequence[str] | None) -> list[ec2.ISecurityGroup]:
    return [
        ec2.SecurityGroup.from_security_group_id(scope, f"{construct_id}SecurityGroup{number}", group)
        for number, group in enumerate(ids or (), start=1)
    ]


def _warn(made: Construct, ids: Sequence[str] | None) -> None:
    if ids is None:
        Annotations.of(made).add_warning_v2(
            "elasticache-kit:cdk-lookup-security-groups",
            "its first node, which tells the security groups, is not there any more: connections change nothing; give "
            "security_groups",
        )
