"""What rule packs get wrong about ElastiCache, answered where the resource is made.

Only what is wrong whoever uses the construct is answered here. What is a decision, such as the port, is the app's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from aws_cdk import CfnResource


def acknowledge_users(resource: CfnResource) -> None:
    """Answer cdk-nag for a cache with a user group: its rule on authentication knows AUTH tokens only.

    AWS Config asks for a user group, see
    https://docs.aws.amazon.com/config/latest/developerguide/elasticache-rbac-auth-enabled.html
    """
    _acknowledge(
        resource,
        "AwsSolutions::AwsSolutions-AEC6",
        "Clients sign in as users of a user group (RBAC), which supersedes AUTH",
    )


def acknowledge_inherited_encryption(resource: CfnResource) -> None:
    """Answer cdk-nag and checkov for a secondary of a global datastore, which takes its encryption from the primary.

    CloudFormation refuses a template that says it once more, see
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-replicationgroup.html
    """
    reason = "A secondary of a global datastore is encrypted as its primary is, and must not say so itself"
    _acknowledge(resource, "AwsSolutions::AwsSolutions-AEC3", reason)
    resource.add_metadata(
        "checkov", {"skip": [{"id": check, "comment": reason} for check in ("CKV_AWS_29", "CKV_AWS_30", "CKV_AWS_31")]}
    )


def _acknowledge(resource: CfnResource, rule: str, reason: str) -> None:
    Validations.of(resource).acknowledge(Acknowledgment(id=rule, reason=reason))
