"""Shapes that public templates have, and that a check must take as CloudFormation does.

The templates here are of our own making; docs/evidence names those that they go back to.
"""

from __future__ import annotations

import pytest

from tests.template.sample import found, group, rules

SHAPES = {
    "numbers and booleans as text": (
        'Engine: redis\nNumCacheClusters: \'2\'\nAutomaticFailoverEnabled: "true"\nSnapshotRetentionLimit: "4"\n'
        "AutoMinorVersionUpgrade: 'true'"
    ),
    "Multi-AZ and failover from one parameter": (
        "Engine: redis\nMultiAZEnabled: !Ref MultiAZ\nAutomaticFailoverEnabled: !Ref MultiAZ\n"
        "NumCacheClusters: !If [isMultiAZ, !Ref Nodes, 1]"
    ),
    "a list that nested conditions choose": (
        "Engine: redis\nPreferredCacheClusterAZs: !If [Two, [!Select [0, !GetAZs '']], "
        "!If [Three, [!Select [0, !GetAZs ''], !Select [1, !GetAZs '']], !Ref AWS::NoValue]]"
    ),
    "the long form of an import inside the short form": (
        "Engine: redis\nKmsKeyId: !ImportValue\n  Fn::Sub: '${Keys}-id'\nNumCacheClusters: 1"
    ),
    "a dynamic reference inside Sub": (
        "Engine: redis\nEngineVersion: '7.1'\nTransitEncryptionEnabled: true\n"
        "AuthToken: !Sub '{{resolve:secretsmanager:${Secret}:SecretString}}'"
    ),
    "a version, a window and a day as YAML likes to misread them": (
        "Engine: redis\nEngineVersion: 7.0\nSnapshotRetentionLimit: 1\nSnapshotWindow: 05:00-09:00\n"
        "PreferredMaintenanceWindow: Mon:10:00-Mon:11:00"
    ),
    "a family that a parameter finds in a map": (
        "Engine: redis\nEngineVersion: !Ref Version\nCacheParameterGroupName: !Ref Parameters"
    ),
}
MORE = """\
  Parameters:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      CacheParameterGroupFamily: !FindInMap [Versions, !Ref Version, Family]
      Description: !Ref AWS::StackName
      Properties: {}
  Subnets:
    Type: AWS::ElastiCache::SubnetGroup
    Properties:
      Description: !Ref AWS::StackName
      SubnetIds: !Split [',', 'Fn::ImportValue': !Sub '${Network}-SubnetsPrivate']
  Script: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: !Rain::Embed code.js}}}
Mappings: {Versions: {'6.x': {Family: redis6.x}, '5.0.6': {Family: redis5.0}}}
...
"""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_of_public_templates_raises_no_false_alarm(shape: str) -> None:
    """What is written otherwise than by the CDK means the same."""
    assert found(group(SHAPES[shape], MORE)) == ()


def test_a_single_node_of_redis_may_say_that_it_is_in_one_zone() -> None:
    """It is so anyway; that it be in several zones is what cannot be asked for."""
    text = """\
Resources:
  Cache:
    Type: AWS::ElastiCache::CacheCluster
    Properties:
      {Engine: redis, EngineVersion: 7.1, CacheNodeType: cache.t4g.small, NumCacheNodes: '1', AZMode: single-az}
"""

    assert found(text) == ()
    assert "mc-azmode-memcached-only" in rules(text.replace("single-az", "cross-az"))


def test_multi_az_without_failover_is_no_error() -> None:
    """Public templates do so, and no refusal by AWS is known."""
    got = found(group("Engine: redis\nNumCacheClusters: 2\nMultiAZEnabled: true"))

    assert [(problem.rule_id, problem.level) for problem in got] == [("rg-multiaz-needs-failover", "warn")]


def test_a_member_without_a_role_is_named() -> None:
    """The finding leads to the member, and not to all of them."""
    text = """\
Resources:
  Datastore:
    Type: AWS::ElastiCache::GlobalReplicationGroup
    Properties:
      GlobalReplicationGroupIdSuffix: orders
      Members:
        - {ReplicationGroupId: a, ReplicationGroupRegion: eu-west-1, Role: PRIMARY}
        - {ReplicationGroupId: b, ReplicationGroupRegion: eu-central-1}
"""

    assert [(problem.line, problem.property) for problem in found(text)] == [(8, "Members[1].Role")]


def test_a_log_without_a_destination_is_said_once() -> None:
    """The rule of ElastiCache and the form of CloudFormation mean the same member."""
    got = found(
        group(
            "Engine: redis\nLogDeliveryConfigurations:\n"
            "  - {DestinationType: cloudwatch-logs, LogFormat: json, LogType: slow-log}"
        )
    )

    assert [problem.rule_id for problem in got if problem.property and "Destination" in problem.property] == [
        "rg-log-shape"
    ]


def test_what_a_value_will_be_is_not_made_up() -> None:
    """A property that there is not, with a value that only a deployment knows."""
    got = found(group("Engine: redis\nNodeType: !Ref Size"))

    assert [(problem.property, problem.value) for problem in got] == [("NodeType", "(known when it is deployed)")]
