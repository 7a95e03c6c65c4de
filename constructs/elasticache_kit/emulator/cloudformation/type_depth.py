"""How far the local CloudFormation goes with a type: for the page docs/coverage.md, which a test keeps true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.cloudformation.resource import DEAD_REASON, DEAD_TYPES
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.emulator.operation import OPERATIONS

Depth = Literal["real", "control plane", "refused"]


@dataclass(frozen=True, slots=True)
class TypeDepth:
    """How far a type goes.

    Args:
        depth: `real` where what is made does what it does on AWS, `control plane` where there are records of it,
            `refused` where a deployment with it fails by its name.
        note: what that means for the type; empty where the depth says it.
    """

    depth: Depth
    note: str = ""


# What the stacks of this repository make that moto's own CloudFormation has: a test derives the list from them.
FROM_MOTO = (
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
)
# Of other services than ElastiCache: what is more than a record, or what one could take for more.
NOTES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": TypeDepth("control plane", "judged by the rulebook; nothing scales"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": TypeDepth("control plane", "judged by the rulebook; nothing scales"),
    "AWS::CodeBuild::Project": TypeDepth("control plane", "kept; no build of it runs, and no schedule starts one"),
    "AWS::EC2::SecurityGroup": TypeDepth("control plane", "no packet is filtered"),
    "AWS::ECS::Service": TypeDepth("control plane", "`emulator run-task` runs its task as a local process"),
    "AWS::IAM::Policy": TypeDepth("control plane", "asked where moto was told to"),
    "AWS::IAM::Role": TypeDepth("control plane", "asked where moto was told to"),
    "AWS::Lambda::Function": TypeDepth("real", "its code runs when it is invoked"),
    "AWS::Logs::LogGroup": TypeDepth("real", "holds what caches deliver to it"),
    "AWS::RDS::DBCluster": TypeDepth(
        "real",
        "a PostgreSQL process with TLS and the password, one for all its instances; other engines, and snapshots, are "
        "records, and nothing is restored",
    ),
    "AWS::RDS::DBInstance": TypeDepth("real", "as DBCluster; one of a cluster has the cluster's process"),
    "AWS::S3::Bucket": TypeDepth("real", "holds objects"),
    "AWS::S3::BucketPolicy": TypeDepth("real", "decides by its statements without conditions"),
    "AWS::SNS::Subscription": TypeDepth("real", "messages arrive in moto's queues and functions"),
    "AWS::Scheduler::Schedule": TypeDepth("real", "starts state machines, by the clock of the emulator"),
    "AWS::SecretsManager::RotationSchedule": TypeDepth("real", "its function is called, step by step"),
    "AWS::SecretsManager::Secret": TypeDepth("real", "keeps the versions of its value"),
    "AWS::SecretsManager::SecretTargetAttachment": TypeDepth("real", "writes the target into the secret"),
    "AWS::StepFunctions::StateMachine": TypeDepth("real", "runs where it is written in JSONata"),
}


def type_depths() -> dict[str, TypeDepth]:
    """Return every type of ElastiCache and every other one that was looked after, in order."""
    found = {kind: TypeDepth("refused", DEAD_REASON) for kind in DEAD_TYPES}
    found |= {kind: NOTES.get(kind, TypeDepth("control plane")) for kind in FROM_MOTO}
    for resource in RESOURCE_TYPES:
        kind = resource.cloudformation_type()
        if issubclass(resource, ElastiCacheResource):
            # As far as the operation that makes it.
            found[kind] = TypeDepth(OPERATIONS[resource.CREATE].depth)
        else:
            found[kind] = NOTES.get(kind, TypeDepth("control plane"))
    return dict(sorted(found.items()))
