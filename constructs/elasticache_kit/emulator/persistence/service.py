"""Which services' state is kept: ElastiCache, and those that stacks of a cache deploy into."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# What the resource types of the stacks begin with, and moto's names of the services that hold such resources.
SERVICE_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "AWS::ApplicationAutoScaling": "applicationautoscaling",
        "AWS::CloudFormation": "cloudformation",
        "AWS::CloudWatch": "cloudwatch",
        "AWS::CodeBuild": "codebuild",
        "AWS::EC2": "ec2",
        "AWS::ECR": "ecr",
        "AWS::ECS": "ecs",
        "AWS::ElastiCache": "elasticache",
        "AWS::IAM": "iam",
        "AWS::KMS": "kms",
        "AWS::Lambda": "lambda",
        "AWS::Logs": "logs",
        "AWS::RDS": "rds",
        "AWS::Route53": "route53",
        "AWS::S3": "s3",
        "AWS::SNS": "sns",
        "AWS::SSM": "ssm",
        "AWS::Scheduler": "scheduler",
        "AWS::SecretsManager": "secretsmanager",
        "AWS::StepFunctions": "stepfunctions",
    }
)
# No stack makes anything there, but the credentials that it gave out sign IAM tokens for caches.
FURTHER = frozenset({"sts"})
KEPT = frozenset(SERVICE_OF_TYPE.values()) | FURTHER
