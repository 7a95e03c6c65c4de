"""LogDelivery: where the slow log and the engine log of a cache go."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, cast

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.interfaces.aws_kinesisfirehose import IDeliveryStreamRef
from aws_cdk.interfaces.aws_kms import IKeyRef
from aws_cdk.interfaces.aws_logs import ILogGroupRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, typed
from elasticache_kit.model.log_delivery import LogDeliverySpec
from elasticache_kit.model.unknown import UNKNOWN, Unknown

LogType = Literal["slow-log", "engine-log"]
LogFormat = Literal["json", "text"]
_Request = elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty
_Details = elasticache.CfnReplicationGroup.DestinationDetailsProperty
_LogGroupDetails = elasticache.CfnReplicationGroup.CloudWatchLogsDestinationDetailsProperty
_StreamDetails = elasticache.CfnReplicationGroup.KinesisFirehoseDestinationDetailsProperty

_CONSTRUCT_IDS = {"slow-log": "SlowLog", "engine-log": "EngineLog"}


class LogDestination(ABC):
    """Where a log goes."""

    @property
    @abstractmethod
    def destination_type(self) -> str:
        """`cloudwatch-logs` or `kinesis-firehose`."""

    @property
    @abstractmethod
    def known_name(self) -> str | Unknown:
        """The name as far as it is known at synth."""

    @abstractmethod
    def details(self, scope: Construct, log_type: str) -> _Details:
        """Describe it to CloudFormation, and make what is to be made."""


@dataclass(frozen=True, slots=True)
class LogDelivery:
    """One log of the engine, its form and where it goes; make one with `to_new_log_group` or one of the others.

    Without any, an engine's logs are gone with its nodes.
    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
    """

    log_type: LogType
    log_format: LogFormat
    destination: LogDestination

    @staticmethod
    @typed
    def to_new_log_group(
        log_type: LogType,
        *,
        log_format: LogFormat = "json",
        retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        kms_key: IKeyRef | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> "LogDelivery":
        """Deliver to a log group in CloudWatch Logs that is made with the cache.

        Args:
            log_type: `slow-log` or `engine-log`.
            log_format: `json` or `text`. Default: json.
            retention: how long events are kept. Default: one month.
            kms_key: the key that events are encrypted with. One that is made in this app lets CloudWatch Logs use it,
                an imported one must do so already. Default: one that AWS owns.
            removal_policy: what happens to the log group when the cache is removed. Default: it is kept.
        """
        return LogDelivery(log_type, log_format, _NewLogGroup(retention, kms_key, removal_policy))

    @staticmethod
    @typed
    def to_log_group(log_type: LogType, log_group: ILogGroupRef, *, log_format: LogFormat = "json") -> "LogDelivery":
        """Deliver to a log group in CloudWatch Logs that exists.

        Args:
            log_type: `slow-log` or `engine-log`.
            log_group: the log group, made in this app or imported.
            log_format: `json` or `text`. Default: json.
        """
        return LogDelivery(log_type, log_format, _LogGroup(log_group))

    @staticmethod
    @typed
    def to_delivery_stream(
        log_type: LogType, delivery_stream: IDeliveryStreamRef | str, *, log_format: LogFormat = "json"
    ) -> "LogDelivery":
        """Deliver to a delivery stream of Amazon Data Firehose that exists.

        Args:
            log_type: `slow-log` or `engine-log`.
            delivery_stream: the delivery stream, made in this app or imported, or its name.
            log_format: `json` or `text`. Default: json.
        """
        return LogDelivery(log_type, log_format, _DeliveryStream(delivery_stream))

    @property
    def makes_log_group(self) -> bool:
        """Whether a log group is made for it."""
        return isinstance(self.destination, _NewLogGroup)

    def spec(self) -> LogDeliverySpec:
        """Describe it to the rulebook."""
        return LogDeliverySpec(
            log_type=at_synth(self.log_type),
            log_format=at_synth(self.log_format),
            destination_type=self.destination.destination_type,
            destination=self.destination.known_name,
        )

    def bind(self, scope: Construct) -> _Request:
        """Describe it to CloudFormation, with the log group where it is to be made."""
        return _Request(
            log_type=self.log_type,
            log_format=self.log_format,
            destination_type=self.destination.destination_type,
            destination_details=self.destination.details(scope, self.log_type),
        )


@dataclass(frozen=True, slots=True)
class _NewLogGroup(LogDestination):
    retention: logs.RetentionDays
    kms_key: IKeyRef | None
    removal_policy: RemovalPolicy

    @property
    def destination_type(self) -> str:
        return "cloudwatch-logs"

    @property
    def known_name(self) -> str | Unknown:
        return UNKNOWN

    def details(self, scope: Construct, log_type: str) -> _Details:
        if isinstance(self.kms_key, kms.Key):
            _allow_logs(self.kms_key, Stack.of(scope))
        log_group = logs.LogGroup(
            scope,
            _CONSTRUCT_IDS[log_type],
            retention=self.retention,
            encryption_key=self.kms_key,
            removal_policy=self.removal_policy,
        )
        return _Details(cloud_watch_logs_details=_LogGroupDetails(log_group=log_group.log_group_name))


@dataclass(frozen=True, slots=True)
class _LogGroup(LogDestination):
    log_group: ILogGroupRef

    @property
    def destination_type(self) -> str:
        return "cloudwatch-logs"

    @property
    def known_name(self) -> str | Unknown:
        return at_synth(self._name)

    @property
    def _name(self) -> str:
        return self.log_group.log_group_ref.log_group_name

    def details(self, scope: Construct, log_type: str) -> _Details:  # noqa: ARG002 - nothing is made here
        return _Details(cloud_watch_logs_details=_LogGroupDetails(log_group=self._name))


@dataclass(frozen=True, slots=True)
class _DeliveryStream(LogDestination):
    delivery_stream: IDeliveryStreamRef | str

    @property
    def destination_type(self) -> str:
        return "kinesis-firehose"

    @property
    def known_name(self) -> str | Unknown:
        return at_synth(self._name)

    @property
    def _name(self) -> str:
        stream = self.delivery_stream
        return stream if isinstance(stream, str) else stream.delivery_stream_ref.delivery_stream_name

    def details(self, scope: Construct, log_type: str) -> _Details:  # noqa: ARG002 - nothing is made here
        return _Details(kinesis_firehose_details=_StreamDetails(delivery_stream=self._name))


def _allow_logs(key: kms.Key, stack: Stack) -> None:
    """Let CloudWatch Logs use a key for the log groups of this account; the CDK leaves that to its user.

    See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    service = iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cast("iam.IPrincipal", service)],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    )
