"""CacheAlarms: the alarms that AWS recommends for a cache, one for each node."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.argument import construct_path, typed, violation
from elasticache_kit.cdk.metric import CacheMetrics
from elasticache_kit.cdk.token import is_token
from elasticache_kit.cdk.watched import Watched, WatchedCache, watch
from elasticache_kit.model import metric as facts
from elasticache_kit.model.metric import AlarmFact
from elasticache_kit.model.rule import Violation, refuse

_OPERATORS = {
    "GreaterThanThreshold": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    "GreaterThanOrEqualToThreshold": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    "LessThanThreshold": cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}


class CacheAlarms(Construct):
    """Makes the AWS::CloudWatch::Alarms of a cache: each by its name, one for every node, with a threshold that fits.

    Thresholds follow from the node type: the CPU of a node with two processors is at 45 % when the one thread of the
    engine is busy, and a small node takes fewer connections. Of a serverless cache they follow from its limits. The
    alarms are `cpu` or `engine-cpu`, `memory`, `connections`, `freeable-memory`, `traffic-management`, and those for
    sign-in and durability where the cache has them; `evictions` and `replication-lag` need a threshold of yours,
    because only the application can tell. Nodes that auto scaling adds have none.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        cache: a replication group, a Memcached cluster or a serverless cache, made in this app or imported; of an
            import, the number and the type of the nodes must be told where it is imported.
        alarms: the names of the alarms, known at synth. Default: those that fit the cache and whose threshold is known.
        thresholds: thresholds by the name of the alarm, in the unit of its metric, instead of those that follow from
            the cache; an alarm that is named here is made. Default: none.
        topic: where an alarm is sent when it is raised and when it is over. A topic that is made in this app lets
            CloudWatch publish. Default: nowhere.
        alarm_actions: what else is done when an alarm is raised. Default: nothing.

    Raises:
        ValidationError: a name is not an alarm of this kind of cache, an alarm has no threshold, or the number of the
            nodes is not known at synth.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cache: WatchedCache,
        alarms: Sequence[str] | None = None,
        thresholds: Mapping[str, int | float] | None = None,
        topic: ITopicRef | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        watched = watch(cache)
        known = {fact.name: fact for fact in facts.alarms(watched.scope)}
        given = thresholds or {}
        refuse(construct_path(scope, construct_id), _mistakes(watched, known, alarms, given))

        super().__init__(scope, construct_id)
        if topic is not None:
            allow_alarms(topic)
        self._alarms = {
            fact.name: tuple(
                _alarm(self, fact, part, metrics, threshold=threshold, path=cache.node.path)
                for part, metrics in watched.parts.items()
            )
            for fact, threshold in _chosen(watched, known, alarms, given)
        }
        told = [] if topic is None else [topic_action(self, topic)]
        for alarm in self.all:
            alarm.add_alarm_action(*told, *alarm_actions)
            alarm.add_ok_action(*told)

    @property
    def alarms(self) -> Mapping[str, tuple[cloudwatch.Alarm, ...]]:
        """The alarms by name, one for each node in the order of the nodes."""
        return self._alarms

    @property
    def all(self) -> tuple[cloudwatch.Alarm, ...]:
        """All of them, to show on a dashboard or to combine in a composite alarm."""
        return tuple(alarm for alarms in self._alarms.values() for alarm in alarms)


def allow_alarms(topic: ITopicRef) -> None:
    """Let the alarms of this account publish to a topic that is made in this app; an import keeps its own policy.

    A topic without a policy of its own lets its owner publish, and so do alarms. Any policy puts an end to that, so the
    topic gets both.
    """
    if not isinstance(topic, sns.Topic):
        return
    account = topic.stack.account
    service = cast("iam.IPrincipal", iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    for sid, principal, condition in (
        ("AllowAlarms", service, "aws:SourceAccount"),
        ("AllowOwner", cast("iam.IPrincipal", iam.AnyPrincipal()), "aws:SourceOwner"),
    ):
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[principal],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {condition: account}},
            )
        )
    if topic.master_key is not None:
        topic.master_key.grant(service, "kms:Decrypt", "kms:GenerateDataKey*")


def topic_action(scope: Construct, topic: ITopicRef) -> cloudwatch.IAlarmAction:
    """Make an action of a topic, which may be one of CloudFormation's own constructs."""
    by_arn = sns.Topic.from_topic_arn(scope, "Topic", topic.topic_ref.topic_arn)
    return cast("cloudwatch.IAlarmAction", actions.SnsAction(by_arn))


def _chosen(
    watched: Watched, known: Mapping[str, AlarmFact], alarms: Sequence[str] | None, given: Mapping[str, int | float]
) -> Iterator[tuple[AlarmFact, float]]:
    """Yield the alarms to make with their thresholds."""
    for name, fact in known.items():
        threshold = given.get(name, watched.threshold(fact))
        asked = watched.expects(fact) if alarms is None else name in alarms
        if threshold is not None and (asked or name in given):
            yield fact, threshold


def _mistakes(
    watched: Watched, known: Mapping[str, AlarmFact], alarms: Sequence[str] | None, given: Mapping[str, int | float]
) -> Iterator[Violation]:
    for option, names in (("alarms", alarms or ()), ("thresholds", given)):
        for name in names:
            if name not in known:
                message = f"{name!r} is no alarm of this kind of cache"
                remedy = f"the alarms are {', '.join(known)}"
                yield violation("cdk-alarm-name", option, name, message, remedy)
    for name, threshold in given.items():
        if threshold < 0 and not is_token(threshold):
            message = f"no value of this metric is below 0, so the alarm {name} says nothing"
            yield violation("cdk-alarm-negative", "thresholds", threshold, message, "give a threshold of 0 or more")
    for name in alarms or ():
        if name in known and name not in given and watched.threshold(known[name]) is None:
            yield violation("cdk-alarm-threshold", "thresholds", None, *_missing(known[name]))


def _missing(fact: AlarmFact) -> tuple[str, str]:
    why = {
        "per_vcpu": "whose threshold follows from the processors of the node type, which are not known",
        "of_maxclients": "whose threshold follows from the connections that the node type takes, which are not known",
        "of_maximum": "whose threshold follows from a limit that the cache does not have",
    }.get(fact.basis, "whose threshold only the application knows")
    return f"the alarm {fact.name} watches {fact.metric.name}, {why}", f'write thresholds={{"{fact.name}": ...}}'


def _alarm(
    scope: Construct, fact: AlarmFact, part: str, metrics: CacheMetrics, *, threshold: float, path: str
) -> cloudwatch.Alarm:
    # Of what is counted, silence is no sign: there may be no value while nothing happens.
    counted = fact.statistic == "Sum" or fact.metric.unit == "Boolean"
    return cloudwatch.Alarm(
        scope,
        f"{fact.name}-{part}" if part else fact.name,
        metric=metrics.metric(fact.metric.name, statistic=fact.statistic, period=Duration.seconds(fact.period_seconds)),
        comparison_operator=_OPERATORS[fact.comparison],
        threshold=threshold,
        evaluation_periods=fact.evaluation_periods,
        datapoints_to_alarm=fact.datapoints_to_alarm,
        treat_missing_data=(
            cloudwatch.TreatMissingData.NOT_BREACHING if counted else cloudwatch.TreatMissingData.MISSING
        ),
        alarm_description=f"{path}{f' node {part}' if part else ''}: {fact.why}",
    )
