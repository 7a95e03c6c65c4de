"""What each drill must be allowed to do on AWS: its IAM actions, guard rails included.

That a drill calls nothing else, and all of these, is proved where the tests run it: they record what it calls.
`--stop-alarm` needs cloudwatch:DescribeAlarms besides, and `--secret` secretsmanager:GetSecretValue.
"""

from __future__ import annotations

from collections.abc import Mapping

_GROUP = ("elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups")
_GUARD = (
    *_GROUP,
    "elasticache:DescribeEvents",
    "elasticache:DescribeSnapshots",
    "elasticache:ListTagsForResource",
)
_FAILOVER = (*_GUARD, "elasticache:TestFailover")

# As `iam-policy` takes them: `drill` and the drill's name. Those that AWS does not offer have none.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "drill backup-restore": (
        *_GUARD,
        "elasticache:CreateReplicationGroup",
        "elasticache:CreateSnapshot",
        "elasticache:DeleteReplicationGroup",
        "elasticache:DeleteSnapshot",
    ),
    "drill credential-rotation": (
        *_GUARD,
        "elasticache:DescribeUsers",
        "elasticache:ModifyReplicationGroup",
        "elasticache:ModifyUser",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetRandomPassword",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    "drill engine-upgrade": (
        *_GUARD,
        "elasticache:DescribeCacheParameterGroups",
        "elasticache:DescribeCacheParameters",
        "elasticache:ModifyReplicationGroup",
    ),
    "drill failover": _FAILOVER,
    "drill global-failover": (
        *_GUARD,
        "cloudwatch:GetMetricData",
        "elasticache:DescribeGlobalReplicationGroups",
        "elasticache:FailoverGlobalReplicationGroup",
    ),
    "drill memcached-node-loss": (
        "elasticache:DescribeCacheClusters",
        "elasticache:ListTagsForResource",
        "elasticache:RebootCacheCluster",
    ),
    "drill none": _GROUP,
    "drill reshard": (*_GUARD, "elasticache:ModifyReplicationGroupShardConfiguration"),
    "drill rolling-failover": _FAILOVER,
    "drill scale-out-in": (*_GUARD, "elasticache:DecreaseReplicaCount", "elasticache:IncreaseReplicaCount"),
}
