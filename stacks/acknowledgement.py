"""What a rule pack, cdk-nag's or ours, asks of this app and does not get, each with the reason.

What a pack gets wrong about ElastiCache the constructs answer themselves; here are the decisions of the app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, CfnResource, Validations
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_logs as logs

from stacks.settings import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct, IConstruct

    from stacks.settings import Settings

# The packs of cdk-nag that have a rule under the same name: HIPAA Security, and NIST 800-53 in both revisions.
_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5")
_SOLUTIONS = "AwsSolutions"
# What HIPAA and NIST ask for.
_RETENTION = 15

_NO_LOG_KEY = "CloudWatch encrypts it with a key of its own; it holds events, addresses and ids, and no data of a cache"
_NO_SIGN_IN = "authentication is none here: security groups decide who connects, and a drill needs no user"


def acknowledge(scope: Construct, reason: str, *rules: str) -> None:
    """Acknowledge rules of cdk-nag for a construct and all that is in it.

    Args:
        scope: the construct.
        reason: why it does not do what the rules ask, a sentence without a final stop.
        rules: `AwsSolutions-S1` for one of AwsSolutions, `S3BucketLoggingEnabled` for HIPAA and NIST at once, or the
            whole id of another pack, `elasticache-kit::rg-sign-in`.
    """
    ids = [name for rule in rules for name in _ids(rule)]
    Validations.of(scope).acknowledge(*(Acknowledgment(id=name, reason=reason) for name in ids))


def _ids(rule: str) -> list[str]:
    if "::" in rule:
        return [rule]
    if rule.startswith(_SOLUTIONS):
        return [f"{_SOLUTIONS}::{rule}"]
    return [f"{pack}::{pack}-{rule}" for pack in _PACKS]


def skip_checkov(construct: IConstruct, reason: str, *checks: str) -> None:
    """Note in the template that checkov's checks are not for a resource, and why."""
    resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
    if isinstance(resource, CfnResource):
        noted: dict[str, list[dict[str, str]]] = resource.get_metadata("checkov") or {"skip": []}
        skipped = [{"id": check, "comment": reason} for check in checks]
        resource.add_metadata("checkov", {"skip": [*noted["skip"], *skipped]})


def acknowledge_settings(app: Construct, settings: Settings) -> None:
    """Acknowledge what holds for all stacks, some of it only with the settings of this environment."""
    acknowledge(
        app,
        "Security groups decide who reaches a cache; another port hides nothing from whoever is let in",
        "AwsSolutions-AEC5",
    )
    acknowledge(
        app,
        "The rights of a role are written beside it, are for no other role, and go with it",
        "IAMNoInlinePolicy",
    )
    acknowledge(app, "Nobody reads a slow log here; alarms tell of latency", "elasticache-kit::rg-log-delivery")
    acknowledge(app, _NO_LOG_KEY, "CloudWatchLogGroupEncrypted")
    if settings.authentication == NONE:
        acknowledge(app, _NO_SIGN_IN, "AwsSolutions-AEC6", "elasticache-kit::rg-sign-in")
    if settings.snapshot_retention_limit < _RETENTION:
        acknowledge(
            app,
            f"This environment can be made again from nothing, so {settings.snapshot_retention_limit} days are enough",
            "ElastiCacheRedisClusterAutomaticBackup",
        )
    if settings.notification_email == NONE:
        acknowledge(app, "notification_email is none here: nobody is to be told", "CloudWatchAlarmAction")


def skip_checks(stacks: Iterable[IConstruct], settings: Settings) -> None:
    """Skip in each template of the app what checkov asks of every resource of a type, once all of them are made."""
    for construct in (construct for stack in stacks for construct in stack.node.find_all()):
        if isinstance(construct, logs.CfnLogGroup):
            skip_checkov(construct, _NO_LOG_KEY, "CKV_AWS_158")
        elif isinstance(construct, elasticache.CfnReplicationGroup) and _is_open(construct, settings):
            skip_checkov(construct, _NO_SIGN_IN, "CKV_AWS_31")


def _is_open(group: elasticache.CfnReplicationGroup, settings: Settings) -> bool:
    """Tell whether nobody signs in to a group; what a secondary takes from its primary is answered already."""
    return settings.authentication == NONE and not group.user_group_ids and not group.global_replication_group_id
