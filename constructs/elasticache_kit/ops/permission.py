"""What each command must be allowed to do: its IAM actions, and a policy with no others.

That a command calls nothing else, and all of these, is proved by tests/ops/test_permission.py, which records what the
commands call.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elasticache_kit.errors import ValidationError

# Not every action takes its name from the operation of the API.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "cloudwatch:GetMetricData": ("cloudwatch:GetMetricData",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:GetBucketLocation": ("s3:GetBucketLocation",),
    "s3:GetObject": ("s3:GetObject",),
    # Without the right to list, S3 says of an object that is not there that it is forbidden.
    "s3:HeadObject": ("s3:GetObject", "s3:ListBucket"),
    "s3:PutObject": ("s3:PutObject",),
}
# What only reads, and has no resource to name or many.
_READS = ("Describe", "List", "GetMetricData", "GetRandomPassword")

_GROUP = ("elasticache:DescribeReplicationGroups", "elasticache:DescribeCacheClusters")
_CHANGE = (*_GROUP, "elasticache:DescribeEvents", "elasticache:ModifyReplicationGroup")
_SNAPSHOT = ("elasticache:DescribeSnapshots",)
_SECRET = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
_PARAMETERS = ("elasticache:DescribeCacheParameterGroups", "elasticache:DescribeCacheParameters")

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "cluster-mode": _CHANGE,
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


def actions(command: str, known: Mapping[str, tuple[str, ...]] = COMMANDS) -> tuple[str, ...]:
    """Return the IAM actions that a command needs, sorted.

    Args:
        command: as on the command line, for example `snapshot create`.
        known: all commands with what they need; the operations when omitted.

    Raises:
        ValidationError: there is no such command; the message names those that there are.
    """
    found = known.get(command)
    if found is None:
        raise ValidationError(f"there is no command {command!r} that calls AWS: take one of {', '.join(known)}")
    return tuple(sorted(found))


def policy(
    commands: Sequence[str],
    region: str = "*",
    account: str = "*",
    partition: str = "aws",
    *,
    known: Mapping[str, tuple[str, ...]] = COMMANDS,
) -> dict[str, object]:
    """Return an IAM policy that allows commands what they need, and nothing else.

    Reads are allowed on everything, for most of them list. Changes are allowed on ElastiCache's resources of the Region
    and account, on its secrets, and on objects in S3: narrow these down to what is yours.

    Args:
        commands: as on the command line.
        region: the Region; every one when omitted.
        account: the account id; every one when omitted.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        known: all commands with what they need; the operations when omitted.

    Raises:
        ValidationError: there is no such command.
    """
    needed = sorted({item for command in commands for item in actions(command, known)})
    places = {
        "elasticache": f"arn:{partition}:elasticache:{region}:{account}:*",
        "secretsmanager": f"arn:{partition}:secretsmanager:{region}:{account}:secret:*",
        "s3": f"arn:{partition}:s3:::*",
    }
    reads = [item for item in needed if item.partition(":")[2].startswith(_READS) and not item.startswith("s3:")]
    statements: list[dict[str, object]] = []
    if reads:
        statements.append({"Sid": "Read", "Effect": "Allow", "Action": reads, "Resource": "*"})
    for service, place in places.items():
        own = [item for item in needed if item.startswith(f"{service}:") and item not in reads]
        if own:
            sid = {"elasticache": "Change", "secretsmanager": "Secrets", "s3": "Objects"}[service]
            statements.append({"Sid": sid, "Effect": "Allow", "Action": own, "Resource": place})
    return {"Version": "2012-10-17", "Statement": statements}
