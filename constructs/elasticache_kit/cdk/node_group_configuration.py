"""NodeGroupConfiguration: one node group (shard) of a sharded replication group, described by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import get_type_hints

from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.argument import at_synth, refuse_types
from elasticache_kit.model.replication_group import NodeGroupSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupConfiguration:
    """One node group (shard): its slots, its replicas and their zones.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_NodeGroupConfiguration.html

    Args:
        node_group_id: up to four digits. Default: ElastiCache numbers the node groups from 0001.
        slots: the hash slots, for example `0-5461`. Drop it after resharding, it no longer tells the truth. Default:
            ElastiCache spreads the slots evenly.
        primary_availability_zone: the zone of the primary. Default: ElastiCache chooses.
        replica_availability_zones: the zone of each replica. Default: ElastiCache chooses.
        replica_count: the number of replicas. Default: one for each of replica_availability_zones, and without those
            what the replication group says in replicas_per_node_group.

    Raises:
        ValidationError: a value has the wrong type.
    """

    node_group_id: str | None = None
    slots: str | None = None
    primary_availability_zone: str | None = None
    replica_availability_zones: Sequence[str] | None = None
    replica_count: int | None = None

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        refuse_types("NodeGroupConfiguration", given, get_type_hints(type(self)))

    def replicas(self, replicas_per_node_group: int) -> int:
        """Return the number of replicas, given what the replication group says for all node groups."""
        if self.replica_count is not None:
            return self.replica_count
        if self.replica_availability_zones is not None:
            return len(self.replica_availability_zones)
        return replicas_per_node_group

    def spec(self, replicas_per_node_group: int) -> NodeGroupSpec:
        """Describe the node group to the rulebook."""
        zones = self.replica_availability_zones
        return NodeGroupSpec(
            node_group_id=at_synth(self.node_group_id),
            slots=at_synth(self.slots),
            primary_availability_zone=at_synth(self.primary_availability_zone),
            replica_availability_zones=None if zones is None else at_synth(tuple(zones)),
            replica_count=at_synth(self.replicas(replicas_per_node_group)),
        )

    def cfn_property(
        self, replicas_per_node_group: int
    ) -> elasticache.CfnReplicationGroup.NodeGroupConfigurationProperty:
        """Describe the node group to CloudFormation."""
        return elasticache.CfnReplicationGroup.NodeGroupConfigurationProperty(
            node_group_id=self.node_group_id,
            slots=self.slots,
            primary_availability_zone=self.primary_availability_zone,
            replica_availability_zones=self.replica_availability_zones,
            replica_count=self.replicas(replicas_per_node_group),
        )
