"""Checking templates: what is found, where it is, and what is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from elasticache_kit.model.rule import HIDDEN
from elasticache_kit.template import document
from elasticache_kit.template.check import check, concerned, rule_ids
from tests.cfn_lint import lint
from tests.template.sample import found, group, rules

PLANTED = Path(__file__).with_name("planted.yaml")
# The line of each mistake in planted.yaml, and the rule that finds it.
MISTAKES = {
    (9, "rg-engine-version-format"),
    (10, "rg-node-type-exists"),
    (11, "rg-port"),
    (13, "bk-window-format"),
    (14, "rg-auth-format"),
    (18, "rg-ngc-id-unique"),
    (18, "rg-slots-cover"),
    (28, "sl-name"),
    (29, "sl-engine"),
    (30, "sl-snapshot-retention"),
    (31, "sl-daily-time"),
    (39, "user-access-string"),
    (40, "user-password-format"),
    (41, "cfn-property-exists"),
}


VALKEY = "Engine: valkey\nEngineVersion: '8.0'\nTransitEncryptionEnabled: true\n"


def test_every_planted_mistake_is_found() -> None:
    """All fourteen, each on its line."""
    got = {(problem.line, problem.rule_id) for problem in check(document.read(str(PLANTED)))}

    assert len(MISTAKES) == 14
    assert got >= MISTAKES


def test_cfn_lint_finds_fewer() -> None:
    """What the check is for: cfn-lint knows the form of a template, and little of ElastiCache."""
    lines = {line for line, _ in MISTAKES}
    got = {match.linenumber for match in lint(PLANTED.read_text(), regions=["us-east-1"])}

    assert len(got & lines) < len(lines) / 2


def test_without_the_mistakes_nothing_is_found() -> None:
    """The negative control: the same template with every mistake mended."""
    mended = {
        "8.x.1": "'8.0'",
        "cache.huge": "cache.r7g.large",
        "99999999": "6379",
        "05:00-05:30": "05:00-06:00",
        "swordfish": "a-token-that-is-long-enough",
        "'0001'": "'0002'",
        "8000-16000": "8192-16383",
        "1st_cache": "first-cache",
        "dragonfly": "valkey",
        "99 ": "35 ",
        "25:00": "'05:00'",
        "read everything": "on ~* -@all +@read",
        "hunter2": "a-password-that-is-long-enough",
        "      PasswordRequired: true": "",
    }
    text = PLANTED.read_text()
    for wrong, right in mended.items():
        assert wrong in text
        text = text.replace(wrong, right)

    assert found(text) == ()


def test_a_problem_says_where_it_is_and_what_to_do() -> None:
    """The names are those of the template, not those of the rulebook."""
    problem = found(group(f"{VALKEY}NumCacheClusters: 9"))[0]

    assert (problem.path, problem.line, problem.logical_id) == ("t.yaml", 12, "Group")
    assert (problem.resource_type, problem.property, problem.value) == (
        "AWS::ElastiCache::ReplicationGroup",
        "NumCacheClusters",
        "9",
    )
    assert problem.level == "error"
    assert problem.remedy.startswith("set NumCacheClusters to 1 to 6")
    assert problem.source != ()


def test_secrets_are_never_shown() -> None:
    """Neither a token nor a password, in whatever part of a problem."""
    problems = check(document.read(str(PLANTED)))

    assert not any(secret in str(problem) for problem in problems for secret in ("swordfish", "hunter2"))
    assert {problem.value for problem in problems if problem.property in {"AuthToken", "Passwords[0]"}} == {HIDDEN}


@pytest.mark.parametrize(
    "access", ["on >swordfish ~*", "on (>swordfish ~*)", "on (>swordfish", "on <swordfish #swordfish"]
)
def test_a_password_in_an_access_string_is_not_shown(access: str) -> None:
    """It is found, and kept from all eyes."""
    text = f"""\
Resources:
  User:
    Type: AWS::ElastiCache::User
    Properties: {{UserId: a, UserName: a, Engine: redis, AccessString: "{access}", NoPasswordRequired: true}}
"""

    assert "user-access-string" in rules(text)
    assert "swordfish" not in str(found(text))


def test_what_only_a_deployment_knows_breaks_nothing() -> None:
    """Parameters, imports and attributes are not guessed at, and neither is a default."""
    text = group(
        "Engine: !Ref Engine\nEngineVersion: !Ref Version\nNumCacheClusters: !ImportValue nodes\n"
        "AutomaticFailoverEnabled: !Ref Failover\nPort: !Ref Port\nSnapshotWindow: !Sub '${Start}-${End}'\n"
        "NodeGroupConfiguration: !Ref AWS::NoValue\nUserGroupIds: !If [HasUsers, [!Ref Users], !Ref AWS::NoValue]",
        "Parameters:\n  Port: {Type: Number, Default: 99999999}\n",
    )

    assert found(text) == ()


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("enabled", {"rg-cme-needs-failover"}),
        ("Enabled", {"rg-cme-needs-failover", "cfn-cluster-mode-case"}),
        ("ENABLED", {"rg-cme-needs-failover", "cfn-cluster-mode-case"}),
        ("Disabled", {"cfn-cluster-mode-case"}),
        ("disabled", set[str]()),
        ("Off", {"rg-cluster-mode-values", "rg-cme-needs-failover"}),
    ],
)
def test_words_that_cloudformation_takes_in_any_case(written: str, broken: set[str]) -> None:
    """`Enabled` is not refused, and is judged as `enabled` is, with a warning of what AWS makes of it later."""
    text = group(f"ClusterMode: {written}\nEngine: redis\nEngineVersion: '7.1'\nNumCacheClusters: 2")

    assert rules(text) == broken


@pytest.mark.parametrize(("unit", "wrong"), [("GB", False), ("gb", False), ("MB", True)])
def test_a_word_that_is_in_capital_letters(unit: str, wrong: bool) -> None:
    """The unit of the storage of a serverless cache is one."""
    limits = f"{{DataStorage: {{Maximum: 5, Unit: {unit}}}}}"
    cache = f"{{Type: AWS::ElastiCache::ServerlessCache, Properties: {{CacheUsageLimits: {limits}}}}}"

    assert ("sl-storage-unit" in rules(f"Resources: {{Cache: {cache}}}")) is wrong


def test_words_in_any_case_inside_of_a_list() -> None:
    """The members of a record are read so too."""
    entry = "{LogType: Slow-Log, LogFormat: JSON, DestinationType: CloudWatch-Logs, DestinationDetails: {%s}}"
    details = entry % "CloudWatchLogsDetails: {LogGroup: orders}"

    assert not rules(group(f"Engine: redis\nNumCacheClusters: 1\nLogDeliveryConfigurations: [{details}]"))


def test_a_token_that_a_condition_may_take_away() -> None:
    """It needs no TLS, since it may not be there; one that is there for sure does."""
    plain = "Engine: redis\nTransitEncryptionEnabled: false\nAuthToken: "

    assert "rg-auth-needs-tls" not in rules(group(plain + "!If [HasToken, !Ref Token, !Ref AWS::NoValue]"))
    assert "rg-auth-needs-tls" in rules(group(plain + "!Ref Token"))


def test_properties_that_a_macro_makes() -> None:
    """Nothing is missing from a resource that a macro completes."""
    text = """\
Resources:
  Group:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/cache.yaml}}
      Port: 6379
"""

    assert found(text) == ()


def test_the_parameter_group_is_looked_up() -> None:
    """A cache is judged by the parameter group that the template makes for it."""
    parameters = """\
  Parameters:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      Description: Orders
      CacheParameterGroupFamily: {family}
      Properties: {{cluster-enabled: {mode}}}
"""
    text = group(
        f"{VALKEY}CacheParameterGroupName: !Ref Parameters\nNumNodeGroups: 2\nReplicasPerNodeGroup: 1\n"
        "AutomaticFailoverEnabled: true",
    )

    assert rules(text + parameters.format(family="redis7", mode="'yes'")) == {"pg-family-match"}
    assert rules(text + parameters.format(family="valkey8", mode="'no'")) >= {
        "rg-multi-shard-needs-cme-parameter-group"
    }
    assert rules(text + parameters.format(family="valkey8", mode="'yes'")) == set()
    assert rules(text + parameters.format(family="!Ref Family", mode="!Ref Mode")) == set()


def test_a_parameter_is_named_where_it_is_written() -> None:
    """The value of a parameter has the line of the parameter."""
    text = """\
Resources:
  Parameters:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      Description: Orders
      CacheParameterGroupFamily: valkey8
      Properties:
        timeout: '300'
        maxmemory-policy: sometimes
        maxmemory-polcy: noeviction
"""
    got = {(problem.line, problem.property, problem.rule_id) for problem in found(text)}

    assert got == {
        (9, "Properties.maxmemory-policy", "pg-value-allowed"),
        (10, "Properties.maxmemory-polcy", "pg-parameter-exists"),
    }


USERS = """\
  Application:
    Type: AWS::ElastiCache::User
    Properties:
      UserId: application
      UserName: application
      Engine: {engine}
      AccessString: on ~* -@all +@read
      AuthenticationMode: {{Type: iam}}
  Users:
    Type: AWS::ElastiCache::UserGroup
    Properties: {{UserGroupId: users, Engine: {engine}, UserIds: [{ids}]}}
"""


def test_users_are_looked_up() -> None:
    """A user group is judged by its users, and a cache by its user group."""
    redis = group(
        "Engine: redis\nEngineVersion: '6.2'\nTransitEncryptionEnabled: true\nUserGroupIds: [!Ref Users]",
    )

    assert rules(redis + USERS.format(engine="redis", ids="!Ref Application, default")) == {"user-iam-versions"}
    assert rules(redis + USERS.format(engine="redis", ids="!Ref Application")) >= {"group-default-redis"}
    assert rules(redis + USERS.format(engine="redis", ids="!Ref Application, !Ref Another")) == {"user-iam-versions"}
    assert rules(redis + USERS.format(engine="valkey", ids="application")) >= {"rg-usergroup-engine-match"}


def test_the_zones_of_a_subnet_group_are_looked_up() -> None:
    """A zone that no subnet is in is found, unless the template does not tell all zones."""
    network = """\
  A: {{Type: AWS::EC2::Subnet, Properties: {{AvailabilityZone: eu-west-1a}}}}
  B: {{Type: AWS::EC2::Subnet, Properties: {{AvailabilityZone: {zone}}}}}
  Subnets:
    Type: AWS::ElastiCache::SubnetGroup
    Properties: {{Description: Private, SubnetIds: [!Ref A, !Ref B]}}
"""
    text = group(
        f"{VALKEY}NumCacheClusters: 2\nAutomaticFailoverEnabled: true\nCacheSubnetGroupName: !Ref Subnets\n"
        "PreferredCacheClusterAZs: [eu-west-1a, eu-west-1c]",
    )

    assert len(rules(text + network.format(zone="eu-west-1b"))) == 1
    assert rules(text + network.format(zone="eu-west-1c")) == set()
    assert rules(text + network.format(zone="!Select [1, !GetAZs '']")) == set()


SCALING = """\
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: {namespace}
      ScalableDimension: elasticache:replication-group:Replicas
      ResourceId: {id}
      MinCapacity: 1
      MaxCapacity: 3
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: cpu
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification:
          PredefinedMetricType: ElastiCacheReplicaEngineCPUUtilization
        TargetValue: {target}
"""
SHARDED = (
    f"{VALKEY}ClusterMode: enabled\nNumNodeGroups: 2\nReplicasPerNodeGroup: 1\nAutomaticFailoverEnabled: true\n"
    "CacheParameterGroupName: default.valkey8.cluster.on"
)
BY_ID = "!Sub 'replication-group/${Group}'"


def test_scaling_is_judged_with_its_policies() -> None:
    """What is wrong with a policy is named in the policy, by the path that a template has."""
    text = group(SHARDED) + SCALING.format(namespace="elasticache", id=BY_ID, target=99)
    problem = found(text)[0]

    assert (problem.logical_id, problem.rule_id) == ("Policy", "as-target-range")
    assert problem.property == "TargetTrackingScalingPolicyConfiguration.TargetValue"
    assert problem.line == text.splitlines().index("        TargetValue: 99") + 1
    assert found(text.replace("TargetValue: 99", "TargetValue: 60")) == ()


def test_scaling_is_judged_with_what_is_scaled() -> None:
    """A group without cluster mode is not scaled, however the target names it."""
    alone = group(f"{VALKEY}NumCacheClusters: 2\nAutomaticFailoverEnabled: true\nReplicationGroupId: orders")
    for written in (BY_ID, "!Join ['/', [replication-group, !Ref Group]]", "replication-group/orders"):
        text = alone + SCALING.format(namespace="elasticache", id=written, target=60)
        expected = {"as-cme-only"} if written != "replication-group/orders" else set[str]()
        assert rules(text) == expected


def test_what_is_scaled_is_named() -> None:
    """A group whose id CloudFormation makes up is called by its logical id, and not called missing."""
    text = group(
        f"{VALKEY}NumCacheClusters: 2",
        SCALING.format(id='!Sub "replication-group/${Group}"', namespace="elasticache", target=50),
    )

    assert {problem.value for problem in found(text) if problem.rule_id == "as-cme-only"} == {"'Group'"}


def test_the_kind_of_what_is_scaled() -> None:
    """The part of a ResourceId that the template tells is checked."""
    text = group(SHARDED) + SCALING.format(namespace="elasticache", id="!Sub 'cluster/${Group}'", target=60)

    assert rules(text) == {"as-resource-id"}


def test_scaling_of_other_services_is_no_concern() -> None:
    """A target of another namespace is passed over, and its policy too."""
    text = group(SHARDED) + SCALING.format(namespace="ecs", id="service/a/b", target=99).replace(
        "elasticache:replication-group:Replicas", "ecs:service:DesiredCount"
    )

    assert [item.logical_id for item in concerned(document.parse(text, "t"))] == ["Group"]
    assert found(text) == ()


def test_a_snapshot_is_judged_with_its_source() -> None:
    """The cache that it is taken of is looked up; the other source that is named too is found."""
    text = group(
        f"{VALKEY}NumCacheClusters: 1",
        "  Snapshot:\n    Type: AWS::ElastiCache::Snapshot\n"
        "    Properties: {SnapshotName: monday, ReplicationGroupId: !Ref Group, CacheClusterId: other}\n",
    )

    assert len(rules(text)) == 1
    assert found(text.replace(", CacheClusterId: other", "")) == ()


def test_members_of_a_global_datastore_are_looked_up() -> None:
    """A node type that cannot be in one is found through the reference to the member."""
    datastore = """\
  Datastore:
    Type: AWS::ElastiCache::GlobalReplicationGroup
    Properties:
      GlobalReplicationGroupIdSuffix: orders
      Members:
        - {ReplicationGroupId: !Ref Group, ReplicationGroupRegion: eu-west-1, Role: PRIMARY}
"""
    text = group(f"{VALKEY}NumCacheClusters: 2\nAutomaticFailoverEnabled: true\nAutoMinorVersionUpgrade: false")

    assert found(text + datastore) == ()
    assert "gl-node-family" in rules((text + datastore).replace("cache.r7g.large", "cache.t4g.small"))


def test_cache_security_groups_are_dead() -> None:
    """Both types of EC2-Classic are found, once each."""
    text = """\
Resources:
  Old: {Type: AWS::ElastiCache::SecurityGroup, Properties: {Description: old}}
  Rule: {Type: AWS::ElastiCache::SecurityGroupIngress, Properties: {}}
"""

    assert [(problem.logical_id, problem.rule_id) for problem in found(text)] == [
        ("Old", "cfn-cache-security-group"),
        ("Rule", "cfn-cache-security-group"),
    ]


def test_a_type_that_there_is_not() -> None:
    """A misspelled type does not pass as a template without a cache, and the one that was meant is named."""
    (problem,) = found("Resources: {Cache: {Type: AWS::ElastiCache::ReplicationGroups, Properties: {Port: x}}}")

    assert (problem.rule_id, problem.level, problem.property) == ("cfn-type-known", "warn", "Type")
    assert problem.remedy == "take AWS::ElastiCache::ReplicationGroup"


def test_what_is_missing_is_said_once() -> None:
    """CloudFormation asks for it and ElastiCache too; the one with more to say speaks."""
    problems = found("Resources:\n  Subnets: {Type: AWS::ElastiCache::SubnetGroup}")

    assert {problem.rule_id for problem in problems} == {"sg-description-required", "sg-subnets-required"}
    assert {problem.property for problem in problems} == {"Description", "SubnetIds"}


def test_a_resource_of_sam() -> None:
    """A template of SAM is one like any other."""
    text = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13}}
Resources:
  Function: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler}}
  Cache:
    Type: AWS::ElastiCache::ServerlessCache
    Properties: {ServerlessCacheName: sessions, Engine: valkey, SecurityGroupIds: [!GetAtt Guard.GroupId]}
"""

    assert found(text) == ()
    assert rules(text.replace("Engine: valkey", "Engine: dragonfly")) == {"sl-engine"}


ACKNOWLEDGED = """\
Resources:
  Group:
    Type: AWS::ElastiCache::ReplicationGroup
    Metadata:
      elasticache-kit:
        acknowledge: {acknowledge}
    Properties: {{ReplicationGroupDescription: d, Engine: redis, CacheNodeType: cache.t4g.small, Port: 99999}}
"""


def test_an_acknowledgement_with_a_reason() -> None:
    """What is acknowledged is found still, and carries the reason."""
    got = found(ACKNOWLEDGED.format(acknowledge="{rg-port: a test of ours}"))

    assert [(problem.rule_id, problem.acknowledged) for problem in got] == [("rg-port", "a test of ours")]


@pytest.mark.parametrize("reason", ["''", "' '", "true", "[a]", ""])
def test_an_acknowledgement_without_a_reason(reason: str) -> None:
    """It counts for nothing, and is a problem of its own."""
    got = found(ACKNOWLEDGED.format(acknowledge=f"{{rg-port: {reason}}}"))

    assert {(problem.rule_id, problem.acknowledged) for problem in got} == {("rg-port", None), ("ack-reason", None)}


def test_an_acknowledgement_of_what_is_no_rule() -> None:
    """It is found, and the rule that was probably meant is named."""
    got = found(ACKNOWLEDGED.format(acknowledge="{rg-prt: because}"))

    assert [problem.remedy for problem in got if problem.rule_id == "ack-rule"] == ["take rg-port"]


def test_rules_of_changes_are_not_among_those_of_a_template() -> None:
    """A template alone changes nothing."""
    assert "rg-port" in rule_ids()
    assert "rg-cluster-mode-path" not in rule_ids()


def test_a_key_of_a_tag_that_is_reserved() -> None:
    """A warning, in whatever case; where the type has a rule on its tags, that one speaks alone."""
    key = [problem for problem in found(group("Tags: [{Key: 'AWS:team', Value: shop}]")) if problem.level == "warn"]
    assert [(problem.rule_id, problem.property) for problem in key if "tag" in problem.rule_id] == [
        ("cfn-tag-key", "Tags[0].Key")
    ]
    assert "cfn-tag-key" not in rules(group("Tags: [{Key: team, Value: 'aws:shop'}]"))
    less = "Resources: {Less: {Type: AWS::ElastiCache::ServerlessCache, Properties: {ServerlessCacheName: less, "
    less += "Engine: valkey, Tags: [{Key: 'aws:team', Value: shop}]}}}"
    assert {rule for rule in rules(less) if "tag" in rule} == {"sl-tags"}
