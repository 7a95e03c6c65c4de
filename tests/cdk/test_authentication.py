"""Authentication: one argument of a cache, whichever way clients sign in."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.replication_group import ReplicationGroupSpec, check
from elasticache_kit.model.unknown import UNKNOWN
from tests.cdk.sample_cache import ImportedSampleCache, SampleCache

CACHE = "AWS::ElastiCache::ReplicationGroup"


def _spec(authentication: Authentication, engine: Engine = Engine.VALKEY, **other: Any) -> ReplicationGroupSpec:
    fields: dict[str, Any] = {"transit_encryption_enabled": True, **other, **authentication.spec("Cache", engine)}
    return ReplicationGroupSpec(
        replication_group_description="orders",
        engine=engine,
        cache_node_type="cache.t4g.small",
        num_cache_clusters=1,
        cache_subnet_group_name=UNKNOWN,
        **fields,
    )


def _rules(spec: ReplicationGroupSpec) -> set[str]:
    return {violation.rule_id for violation in check(spec)}


def test_iam(stack: Stack) -> None:
    """A user and a group are made with the cache, and nothing is there to be kept secret."""
    SampleCache(stack, "Cache", authentication=Authentication.iam())
    template = Template.from_stack(stack)
    (group,) = template.find_resources("AWS::ElastiCache::UserGroup")
    (user,) = template.find_resources("AWS::ElastiCache::User")

    template.has_resource_properties(CACHE, {"UserGroupIds": [{"Ref": group}], "AuthToken": Match.absent()})
    template.has_resource_properties("AWS::ElastiCache::UserGroup", {"Engine": "valkey", "UserIds": [{"Ref": user}]})
    template.has_resource_properties("AWS::ElastiCache::User", {"AuthenticationMode": {"Type": "iam"}})
    template.resource_count_is("AWS::SecretsManager::Secret", 0)


def test_iam_with_redis(stack: Stack) -> None:
    """A group of Redis OSS needs a user called default; it has one that nobody signs in as."""
    access = AccessString.build().keys("orders:*").allow("@read")
    SampleCache(stack, "Cache", engine=Engine.REDIS, authentication=Authentication.iam(access_string=access))
    template = Template.from_stack(stack)

    template.has_resource_properties(
        "AWS::ElastiCache::User", {"UserName": "default", "AccessString": "off -@all", "Engine": "redis"}
    )
    template.has_resource_properties(
        "AWS::ElastiCache::User",
        {"AuthenticationMode": {"Type": "iam"}, "AccessString": "on ~orders:* +@read", "Engine": "redis"},
    )


def test_a_user_group(stack: Stack) -> None:
    """The group is that of the cache, and nothing else is made."""
    group = UserGroup(stack, "Users", users=[IamUser(stack, "User")])
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))

    Template.from_stack(stack).has_resource_properties(CACHE, {"UserGroupIds": [stack.resolve(group.user_group_id)]})
    assert cache.grants.sign_in.user_group_id == group.user_group_id


def test_a_user_group_that_exists(stack: Stack) -> None:
    """An imported group is one like any other: it has no hidden child that something looks for."""
    group = UserGroup.from_user_group_id(stack, "Users", "orders")
    SampleCache(stack, "Cache", authentication=Authentication.user_group(group))

    Template.from_stack(stack).has_resource_properties(CACHE, {"UserGroupIds": ["orders"]})


def test_an_auth_token(stack: Stack) -> None:
    """The token is made up, legal, and never in the template; a function that may change this cache replaces it."""
    SampleCache(stack, "Cache", authentication=Authentication.auth_token())
    template = Template.from_stack(stack)
    (secret,) = template.find_resources("AWS::SecretsManager::Secret")
    (cache,) = template.find_resources(CACHE)

    reference = ["", ["{{resolve:secretsmanager:", {"Ref": secret}, ":SecretString:password::}}"]]
    template.has_resource_properties(CACHE, {"AuthToken": {"Fn::Join": reference}, "UserGroupIds": Match.absent()})
    template.has_resource_properties(
        "AWS::SecretsManager::Secret",
        {
            "GenerateSecretString": {
                "PasswordLength": 64,
                "ExcludePunctuation": True,
                "GenerateStringKey": "password",
                "SecretStringTemplate": "{}",
            }
        },
    )
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {"Environment": {"Variables": {"REPLICATION_GROUP_ID": {"Ref": cache}, "KEEP_PREVIOUS": "true"}}},
    )
    policies = json.dumps(template.find_resources("AWS::IAM::Policy"))
    assert "elasticache:ModifyReplicationGroup" in policies
    assert '":replicationgroup:", {"Ref": "' + cache in policies


def test_an_auth_token_is_tried_in_the_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """In a VPC the function signs in with a new token, and the cache lets it."""
    rotation = Rotation(vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED))
    SampleCache(stack, "Cache", authentication=Authentication.auth_token(rotation=rotation))
    template = Template.from_stack(stack)
    (cache,) = template.find_resources(CACHE)

    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Environment": {
                "Variables": Match.object_like(
                    {
                        "ENDPOINT": {"Fn::GetAtt": [cache, "PrimaryEndPoint.Address"]},
                        "PORT": {"Fn::GetAtt": [cache, "PrimaryEndPoint.Port"]},
                    }
                )
            }
        },
    )
    template.has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 6379}
    )


@pytest.mark.parametrize("rotation", [Rotation.never(), None])
def test_a_token_that_stays(stack: Stack, rotation: Rotation | None) -> None:
    """A token is left alone where that is asked for, and one of a secret of one's own anyway."""
    given = secretsmanager.Secret.from_secret_name_v2(stack, "Given", "orders")
    secret = None if rotation else given
    SampleCache(stack, "Cache", authentication=Authentication.auth_token(secret=secret, rotation=rotation))

    Template.from_stack(stack).resource_count_is("AWS::SecretsManager::RotationSchedule", 0)


def test_a_secret_of_ones_own_is_rotated_where_asked(stack: Stack) -> None:
    """Whoever gives a rotation with the secret gets it."""
    secret = cast("secretsmanager.ISecret", secretsmanager.Secret(stack, "Given"))
    rotation = Rotation(automatically_after_days=90)
    SampleCache(stack, "Cache", authentication=Authentication.auth_token(secret=secret, rotation=rotation))

    Template.from_stack(stack).has_resource_properties(
        "AWS::SecretsManager::RotationSchedule", {"RotationRules": {"ScheduleExpression": "rate(90 days)"}}
    )


def test_what_the_rulebook_is_told() -> None:
    """A token or a user means TLS, whose absence breaks the rules of either way."""
    assert "rg-auth-needs-tls" in _rules(_spec(Authentication.auth_token(), transit_encryption_enabled=False))
    assert "rg-usergroup-needs-tls" in _rules(_spec(Authentication.iam(), transit_encryption_enabled=False))
    assert _rules(_spec(Authentication.auth_token())) == _rules(_spec(Authentication.iam())) == set()


def test_iam_needs_a_version() -> None:
    """Redis OSS 6.2 has users, but none with IAM; 7.0 has."""
    iam = Authentication.iam()

    assert "user-iam-versions" in _rules(_spec(iam, Engine.REDIS, engine_version="6.2"))
    assert "user-iam-versions" not in _rules(_spec(iam, Engine.REDIS, engine_version="7.0"))


def test_a_token_is_rotated_from_a_version_on() -> None:
    """Redis OSS below 5.0.6 keeps its token; where the token is never replaced that does not matter."""
    old, new = (EngineVersion.of(Engine.REDIS, version) for version in ("4.0.10", "5.0.6"))

    (refused,) = Authentication.auth_token().contradictions(old)
    assert refused.rule_id == "cdk-auth-token-rotation"
    assert not list(Authentication.auth_token(rotation=Rotation.never()).contradictions(old))
    assert not list(Authentication.auth_token().contradictions(new))
    assert not list(Authentication.auth_token().contradictions(EngineVersion.of(Engine.VALKEY, "7.2")))
    assert not list(Authentication.iam().contradictions(old))


def test_cdk_nag_is_answered(stack: Stack) -> None:
    """Its rule asks for an AUTH token; users of a group are better, and an AUTH token needs no answer."""
    users = SampleCache(stack, "Users", authentication=Authentication.iam())
    token = SampleCache(stack, "Token", authentication=Authentication.auth_token(rotation=Rotation.never()))

    answers = [
        [entry.data for entry in cache.resource.node.metadata if "acknowledged" in entry.type]
        for cache in (users, token)
    ]
    assert [list(answer) for answer in answers[0]] == [["AwsSolutions::AwsSolutions-AEC6"]]
    assert answers[1] == []


def test_a_group_of_the_other_engine(stack: Stack) -> None:
    """A Redis OSS cache takes no group of Valkey; a group of whose engine nobody told is taken."""
    valkey = Authentication.user_group(UserGroup(stack, "Users", users=[IamUser(stack, "User")]))
    unknown = Authentication.user_group(UserGroup.from_user_group_id(stack, "Imported", "orders"))

    assert "rg-usergroup-engine-match" in _rules(_spec(valkey, Engine.REDIS, engine_version="7.1"))
    assert "rg-usergroup-engine-match" not in _rules(_spec(unknown, Engine.REDIS, engine_version="7.1"))


def test_serverless_takes_users_only(stack: Stack) -> None:
    """A serverless cache has a group or nobody signs in; an AUTH token is refused."""
    group = UserGroup.from_user_group_id(stack, "Users", "orders")

    assert Authentication.user_group(group).serverless_spec("Stack/Cache", Engine.VALKEY)["user_group_id"] == "orders"
    assert not list(Authentication.iam().serverless_contradictions())
    (refused,) = Authentication.auth_token().serverless_contradictions()
    assert refused.rule_id == "cdk-serverless-auth-token"


def test_a_cache_that_exists(stack: Stack) -> None:
    """What an import is told has to exist; what would have to be made is refused."""
    with pytest.raises(ValidationError, match=r"Stack/Iam: 1 problem\n  authentication = .*has its own already"):
        ImportedSampleCache(stack, "Iam", authentication=Authentication.iam())
    with pytest.raises(ValidationError, match="name the secret that holds it"):
        ImportedSampleCache(stack, "Token", authentication=Authentication.auth_token())

    given = secretsmanager.Secret.from_secret_name_v2(stack, "Given", "orders")
    token = Authentication.auth_token(secret=given, rotation=Rotation())
    assert ImportedSampleCache(stack, "Told", authentication=token).grants.sign_in.rotation == Rotation()

    group = UserGroup.from_user_group_id(stack, "Users", "orders")
    cache = ImportedSampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    assert cache.grants.sign_in.user_group is group


def test_a_wrong_type() -> None:
    """A name is no user group, and no secret."""
    wrong: Any = "orders"
    with pytest.raises(ValidationError, match=r"Authentication.user_group: 1 problem\n  user_group = 'orders'"):
        Authentication.user_group(wrong)
    with pytest.raises(ValidationError, match=r"Authentication.auth_token: 1 problem\n  secret = 'orders'"):
        Authentication.auth_token(secret=wrong)
