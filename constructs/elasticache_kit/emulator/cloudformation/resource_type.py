"""The resource types that this emulator adds to those of moto's CloudFormation.

moto finds types among the direct subclasses of its `CloudFormationModel`: that these are imported makes them known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.cloudformation.alarm import AlarmResource, CompositeAlarmResource
from elasticache_kit.emulator.cloudformation.bucket_policy import BucketPolicyResource
from elasticache_kit.emulator.cloudformation.build_project import BuildProjectResource
from elasticache_kit.emulator.cloudformation.cache_cluster import CacheClusterResource
from elasticache_kit.emulator.cloudformation.db_cluster import DBClusterResource, DBInstanceResource
from elasticache_kit.emulator.cloudformation.ecs import (
    EcsClusterResource,
    EcsServiceResource,
    TaskDefinitionResource,
)
from elasticache_kit.emulator.cloudformation.global_replication_group import GlobalReplicationGroupResource
from elasticache_kit.emulator.cloudformation.ipv6 import EgressOnlyInternetGatewayResource, VpcCidrBlockResource
from elasticache_kit.emulator.cloudformation.parameter_group import ParameterGroupResource
from elasticache_kit.emulator.cloudformation.relational_database import (
    DBClusterParameterGroupResource,
    DBParameterGroupResource,
    DBSubnetGroupResource,
)
from elasticache_kit.emulator.cloudformation.replication_group import ReplicationGroupResource
from elasticache_kit.emulator.cloudformation.rotation_schedule import RotationScheduleResource
from elasticache_kit.emulator.cloudformation.scalable_target import ScalableTargetResource, ScalingPolicyResource
from elasticache_kit.emulator.cloudformation.schedule import ScheduleGroupResource, ScheduleResource
from elasticache_kit.emulator.cloudformation.secret import (
    SecretResource,
    SecretResourcePolicyResource,
    SecretTargetAttachmentResource,
)
from elasticache_kit.emulator.cloudformation.security_group_egress import SecurityGroupEgressResource
from elasticache_kit.emulator.cloudformation.serverless_cache import ServerlessCacheResource
from elasticache_kit.emulator.cloudformation.serverless_cache_snapshot import ServerlessCacheSnapshotResource
from elasticache_kit.emulator.cloudformation.snapshot import SnapshotResource
from elasticache_kit.emulator.cloudformation.state_machine import StateMachineResource
from elasticache_kit.emulator.cloudformation.subnet_group import SubnetGroupResource
from elasticache_kit.emulator.cloudformation.topic_subscription import TopicPolicyResource, TopicSubscriptionResource
from elasticache_kit.emulator.cloudformation.user import UserResource
from elasticache_kit.emulator.cloudformation.user_group import UserGroupResource

if TYPE_CHECKING:
    from moto.core.common_models import CloudFormationModel

RESOURCE_TYPES: tuple[type[CloudFormationModel], ...] = (
    AlarmResource,
    BucketPolicyResource,
    BuildProjectResource,
    CacheClusterResource,
    CompositeAlarmResource,
    DBClusterParameterGroupResource,
    DBClusterResource,
    DBInstanceResource,
    DBParameterGroupResource,
    DBSubnetGroupResource,
    EcsClusterResource,
    EcsServiceResource,
    EgressOnlyInternetGatewayResource,
    GlobalReplicationGroupResource,
    ParameterGroupResource,
    ReplicationGroupResource,
    RotationScheduleResource,
    ScalableTargetResource,
    ScalingPolicyResource,
    ScheduleGroupResource,
    ScheduleResource,
    SecretResource,
    SecretResourcePolicyResource,
    SecretTargetAttachmentResource,
    SecurityGroupEgressResource,
    ServerlessCacheResource,
    ServerlessCacheSnapshotResource,
    SnapshotResource,
    StateMachineResource,
    SubnetGroupResource,
    TaskDefinitionResource,
    TopicPolicyResource,
    TopicSubscriptionResource,
    UserGroupResource,
    UserResource,
    VpcCidrBlockResource,
)
