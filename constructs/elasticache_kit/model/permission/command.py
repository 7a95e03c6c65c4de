"""Which IAM actions each command needs, and each drill.

That a command calls nothing else, and all of these, is proved by tests/ops/test_permission.py, which records what the
commands call; of drills by the tests that run them.
"""

from __future__ import annotations

from collections.abc import Mapping

from elasticache_kit.errors import ValidationError

# Not every action takes its name from the operation of the API.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "cloudwatch:GetMetricData": ("cloudwatch:GetMetricData",),
    # Experiments are started with a tag.
    "fis:StartExperiment": ("fis:StartExperiment", "fis:TagResource"),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:GetBucketLocation": ("s3:GetBucketLocation",),
    "s3:GetObject": ("s3:GetObject",),
    # Without the right to list, S3 says of an object that is not there that it is forbidden.
    "s3:HeadObject": ("s3:GetObject", "s3:ListBucket"),
    "s3:PutObject": ("s3:PutObject",),
}
_GROUP = ("elasticache:DescribeReplicationGroups", "elasticache:DescribeCacheClusters")
_CHANGE = (*_GROUP, "elasticache:DescribeEvents", "elasticache:ModifyReplicationGroup")
_SNAPSHOT = ("elasticache:DescribeSnapshots",)
# How a rotation that was begun is brought to its end.
_SECRET_END = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
_SECRET = (*_SECRET_END, "secretsmanager:GetRandomPassword", "secretsmanager:PutSecretValue")
_PARAMETERS = ("elasticache:DescribeCacheParameterGroups", "elasticache:DescribeCacheParameters")

# What the guard rails of a drill ask for.
_GUARDED = (
    *_GROUP,
    "elasticache:DescribeEvents",
    "elasticache:DescribeSnapshots",
    "elasticache:ListTagsForResource",
)
# How an experiment that goes on is ended, also one of which a drill has not heard the id.
_FIS_END = ("fis:GetExperiment", "fis:ListExperiments", "fis:StopExperiment")
_FIS = (*_FIS_END, "fis:GetExperimentTemplate", "fis:StartExperiment", "fis:TagResource")

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "adopt": (*_GROUP, "elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"),
    "cluster-mode": _CHANGE,
    # Of a nested stack the one around it tells the name.
    "diff": ("cloudformation:DescribeStackResource", "cloudformation:DescribeStacks", "cloudformation:GetTemplate"),
    # What drills change, put back: each asks for what its group left.
    "drill cleanup": (
        *_GROUP,
        *_FIS_END,
        *_SECRET_END,
        *_SNAPSHOT,
        "elasticache:DecreaseReplicaCount",
        "elasticache:DeleteReplicationGroup",
        "elasticache:DeleteSnapshot",
        "elasticache:DescribeEvents",
        "elasticache:DescribeGlobalReplicationGroups",
        "elasticache:DescribeUsers",
        "elasticache:FailoverGlobalReplicationGroup",
        "elasticache:ModifyReplicationGroup",
        "elasticache:ModifyReplicationGroupShardConfiguration",
        "elasticache:ModifyUser",
    ),
    "drill memcached-node-loss": (
        "elasticache:DescribeCacheClusters",
        "elasticache:ListTagsForResource",
        "elasticache:RebootCacheCluster",
    ),
    "events": (*_GROUP, "elasticache:DescribeEvents"),
    "failover": (*_GROUP, "elasticache:DescribeEvents", "elasticache:TestFailover"),
    "global failover": ("elasticache:DescribeGlobalReplicationGroups", "elasticache:FailoverGlobalReplicationGroup"),
    "global promote": ("elasticache:DescribeGlobalReplicationGroups", "elasticache:DisassociateGlobalReplicationGroup"),
    "inventory": (
        *_GROUP,
        "cloudwatch:GetMetricData",
        "elasticache:DescribeServerlessCaches",
        "elasticache:DescribeUpdateActions",
    ),
    "parameters apply": (
        *_PARAMETERS,
        "elasticache:ModifyCacheParameterGroup",
        "elasticache:ResetCacheParameterGroup",
    ),
    "parameters diff": _PARAMETERS,
    "publish": ("cloudwatch:PutMetricData", "s3:PutObject"),
    "reboot": (*_GROUP, "elasticache:DescribeEvents", "elasticache:RebootCacheCluster"),
    "reshard": (*_GROUP, "elasticache:DescribeEvents", "elasticache:ModifyReplicationGroupShardConfiguration"),
    "rotate auth-token": (*_CHANGE, *_SECRET),
    "rotate user": (*_SECRET, "elasticache:DescribeUsers", "elasticache:ModifyUser"),
    "scale": (
        *_CHANGE,
        "elasticache:DecreaseReplicaCount",
        "elasticache:IncreaseReplicaCount",
        "elasticache:ListAllowedNodeTypeModifications",
    ),
    "service-updates apply": (
        "elasticache:BatchApplyUpdateAction",
        "elasticache:DescribeEvents",
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeUpdateActions",
    ),
    "service-updates list": ("elasticache:DescribeUpdateActions",),
    "snapshot copy": (*_SNAPSHOT, "elasticache:CopySnapshot"),
    "snapshot create": (
        *_GROUP,
        *_SNAPSHOT,
        "elasticache:AddTagsToResource",
        "elasticache:CreateSnapshot",
        "elasticache:DescribeEvents",
    ),
    "snapshot export": (
        *_SNAPSHOT,
        "elasticache:CopySnapshot",
        "elasticache:ListTagsForResource",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ),
    "snapshot list": _SNAPSHOT,
    "snapshot prune": (*_SNAPSHOT, "elasticache:DeleteSnapshot"),
    "snapshot restore": (
        *_GROUP,
        *_SNAPSHOT,
        "elasticache:CreateReplicationGroup",
        "elasticache:DescribeEvents",
        "elasticache:ListTagsForResource",
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
    ),
    "tls": _CHANGE,
    "upgrade": (
        *_CHANGE,
        *_PARAMETERS,
        "elasticache:CreateCacheParameterGroup",
        "elasticache:ModifyCacheParameterGroup",
    ),
}


# Drills that AWS offers and that leave nothing to put back, by their names; `model.drill` says why others are not here.
DRILLS: Mapping[str, tuple[str, ...]] = {
    "az-loss": (*_GUARDED, *_FIS),
    "failover": (*_GUARDED, "elasticache:TestFailover"),
    "none": _GROUP,
    "reboot": (*_GUARDED, "elasticache:RebootCacheCluster"),
    "rolling-failover": (*_GUARDED, "elasticache:TestFailover"),
}
# Drills that change something and put it back, or have no way back: for somebody to watch, and not for a clock.
CHANGING_DRILLS: Mapping[str, tuple[str, ...]] = {
    "backup-restore": (
        *_GUARDED,
        "elasticache:CreateReplicationGroup",
        "elasticache:CreateSnapshot",
        "elasticache:DeleteReplicationGroup",
        "elasticache:DeleteSnapshot",
    ),
    "credential-rotation": (
        *_GUARDED,
        *_SECRET,
        "elasticache:DescribeUsers",
        "elasticache:ModifyReplicationGroup",
        "elasticache:ModifyUser",
    ),
    "engine-upgrade": (*_GUARDED, *_PARAMETERS, "elasticache:ModifyReplicationGroup"),
    "global-failover": (
        *_GUARDED,
        "cloudwatch:GetMetricData",
        "elasticache:DescribeGlobalReplicationGroups",
        "elasticache:FailoverGlobalReplicationGroup",
    ),
    "reshard": (*_GUARDED, "elasticache:ModifyReplicationGroupShardConfiguration"),
    "scale-out-in": (*_GUARDED, "elasticache:DecreaseReplicaCount", "elasticache:IncreaseReplicaCount"),
}
DRILL = "drill run "
# Only with `--stop-alarm`.
STOP_ALARM = "cloudwatch:DescribeAlarms"

# What a command uses an action on, where IAM knows more types of resources for it.
ABOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "elasticache:AddTagsToResource": {"snapshot create": ("snapshot",)},
    "elasticache:BatchApplyUpdateAction": {"service-updates apply": ("replicationgroup",)},
    "fis:TagResource": {f"{DRILL}az-loss": ("experiment",)},
    "elasticache:ListAllowedNodeTypeModifications": {"scale": ("replicationgroup",)},
    "elasticache:ListTagsForResource": {
        "adopt": ("replicationgroup",),
        "drill memcached-node-loss": ("cluster",),
        "snapshot export": ("snapshot",),
        "snapshot restore": ("snapshot",),
        **{f"{DRILL}{name}": ("replicationgroup",) for name in (*DRILLS, *CHANGING_DRILLS)},
    },
}

# Where CloudWatch keeps what became of drills.
NAMESPACE = "elasticache-kit/drills"
# Without them an action about no resource would be open.
CONDITIONS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "cloudwatch:PutMetricData": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
}


def names() -> tuple[str, ...]:
    """Return every command that permissions are known of."""
    return (*COMMANDS, *(f"{DRILL}{name}" for name in (*DRILLS, *CHANGING_DRILLS)))


def actions(command: str) -> tuple[str, ...]:
    """Return the IAM actions that a command needs, sorted.

    Args:
        command: as on the command line, for example `snapshot create` or `drill run failover`.

    Raises:
        ValidationError: there is no such command; the message names those that there are.
    """
    drills = {**DRILLS, **CHANGING_DRILLS}
    if command.startswith(DRILL) and (needed := drills.get(command.removeprefix(DRILL))) is not None:
        return tuple(sorted({*needed, STOP_ALARM}))
    found = COMMANDS.get(command)
    if found is None:
        raise ValidationError(f"there is no command {command!r} that calls AWS: take one of {', '.join(names())}")
    return tuple(sorted(found))
