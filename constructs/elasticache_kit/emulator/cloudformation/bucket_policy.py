"""AWS::S3::BucketPolicy, which moto's CloudFormation lacks and which `cdk bootstrap` needs."""

from __future__ import annotations

import json
from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition


def get_permission(bucket: FakeBucket, action: str, resource: str) -> Any:
    """Decide by the statements of a bucket's policy that have no condition.

    moto does not look at conditions, so a bootstrap bucket, which refuses requests without TLS, would refuse all.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    plain = [statement for statement in policy.get("Statement", []) if "Condition" not in statement]
    if not plain:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)


class BucketPolicyResource(CloudFormationModel):
    """The policy of a bucket, kept by moto's S3."""

    def __init__(self, bucket: str) -> None:
        self.physical_resource_id = bucket

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::S3::BucketPolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell that the type has no attribute."""
        del attr
        return False

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        """Attach the policy to its bucket."""
        del resource_name
        properties = cloudformation_json["Properties"]
        backend = s3_backends[account_id][get_partition(region_name)]
        backend.put_bucket_policy(properties["Bucket"], json.dumps(properties["PolicyDocument"]).encode())
        return cls(properties["Bucket"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Attach the new policy in place of the old one."""
        del original_resource
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    def delete(self, account_id: str, region_name: str) -> None:
        """Take the policy away; the bucket may be gone by then."""
        backend = s3_backends[account_id][get_partition(region_name)]
        if self.physical_resource_id in backend.buckets:
            backend.delete_bucket_policy(self.physical_resource_id)
