"""Application Auto Scaling over the wire: what ElastiCache does not scale is refused, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code

CPU = "ElastiCachePrimaryEngineCPUUtilization"
TARGET: dict[str, Any] = {
    "ServiceNamespace": "elasticache",
    "ResourceId": "replication-group/orders",
    "ScalableDimension": "elasticache:replication-group:NodeGroups",
}


@pytest.fixture
def scaling(client: Client) -> Any:
    """A boto3 client of an account in which the shards of a group may be scaled."""
    api = client("application-autoscaling")
    api.register_scalable_target(**TARGET, MinCapacity=2, MaxCapacity=5)
    return api


def bounds(scaling: Any) -> tuple[int, int]:
    """Return the bounds of the target."""
    (found,) = scaling.describe_scalable_targets(ServiceNamespace="elasticache")["ScalableTargets"]
    return found["MinCapacity"], found["MaxCapacity"]


def follow(scaling: Any, name: str, metric: str = CPU, target: dict[str, Any] = TARGET) -> None:
    """Put a policy."""
    scaling.put_scaling_policy(
        **target,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        },
    )


def test_a_bound_that_is_not_given_stays(scaling: Any) -> None:
    """A change is judged with the bound that there is: 1 to 5 will do, and 6 to 5 will not."""
    scaling.register_scalable_target(**TARGET, MinCapacity=1)
    with pytest.raises(ClientError, match="it is above max_capacity, which is 5"):
        scaling.register_scalable_target(**TARGET, MinCapacity=6)

    assert bounds(scaling) == (1, 5)


def test_a_policy_of_a_name_is_replaced(scaling: Any) -> None:
    """So that it may follow its metric again, and a second policy may not."""
    follow(scaling, "cpu")
    follow(scaling, "cpu")
    with pytest.raises(ClientError, match="2 policies follow this metric") as caught:
        follow(scaling, "again")

    assert code(caught) == "ValidationException"
    assert len(scaling.describe_scaling_policies(ServiceNamespace="elasticache")["ScalingPolicies"]) == 1


def test_a_policy_of_no_target(client: Client) -> None:
    """It is said with AWS's code."""
    with pytest.raises(ClientError) as caught:
        follow(client("application-autoscaling"), "cpu")

    assert code(caught) == "ObjectNotFoundException"


def test_other_services_are_left_to_moto(client: Client) -> None:
    """The rules are of ElastiCache: a table of DynamoDB has others."""
    scaling = client("application-autoscaling")
    table = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    scaling.register_scalable_target(**table, MinCapacity=9, MaxCapacity=5)
    follow(scaling, "reads", "DynamoDBReadCapacityUtilization", table)

    assert len(scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]) == 1
