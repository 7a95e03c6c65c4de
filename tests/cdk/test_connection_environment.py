"""The connection environment: a function or container gets all that it needs, owned or imported cache alike."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.connection_environment import inject_environment
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.environment import CacheEnvironment
from tests.cdk.conftest import isolated_vpc
from tests.cdk.sample_cache import GROUP, ImportedSampleCache, SampleCache

INGRESS = "AWS::EC2::SecurityGroupIngress"
SECRET_READ = {"Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]}


def _function(stack: Stack, vpc: ec2.IVpc | None, name: str = "Function") -> lambda_.Function:
    return lambda_.Function(
        stack,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("handler = print"),
        vpc=vpc,
        vpc_subnets=None if vpc is None else ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    )


@pytest.fixture
def function(stack: Stack, vpc: ec2.Vpc) -> lambda_.Function:
    """A function in the VPC."""
    return _function(stack, cast("ec2.IVpc", vpc))


def _service(stack: Stack, vpc: ec2.Vpc) -> ecs.FargateService:
    task = ecs.FargateTaskDefinition(stack, "Task")
    task.add_container("App", image=ecs.ContainerImage.from_registry("app"))
    cluster = ecs.Cluster(stack, "Cluster", vpc=cast("ec2.IVpc", vpc))
    return ecs.FargateService(
        stack, "Service", cluster=cast("ecs.ICluster", cluster), task_definition=cast("Any", task), desired_count=1
    )


def _variables(stack: Stack, logical_id: str = "Function") -> dict[str, Any]:
    functions = dict(Template.from_stack(stack).find_resources("AWS::Lambda::Function"))
    (function,) = (value for name, value in functions.items() if name.startswith(logical_id))
    return function["Properties"]["Environment"]["Variables"]


def _statements(template: Template) -> list[dict[str, Any]]:
    policies = dict(template.find_resources("AWS::IAM::Policy")).values()
    return [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]


def test_a_function_with_iam(stack: Stack, function: lambda_.Function) -> None:
    """The function knows where and how to connect, may sign in, and is let in."""
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    inject_environment(cache.connection, function)
    template = Template.from_stack(stack)
    (group,) = template.find_resources("AWS::ElastiCache::ReplicationGroup")
    (user,) = dict(template.find_resources("AWS::ElastiCache::User")).values()

    assert _variables(stack) == {
        "ELASTICACHE_KIT_ENDPOINT": {"Fn::GetAtt": [group, "PrimaryEndPoint.Address"]},
        "ELASTICACHE_KIT_READER_ENDPOINT": {"Fn::GetAtt": [group, "ReaderEndPoint.Address"]},
        "ELASTICACHE_KIT_PORT": {"Fn::GetAtt": [group, "PrimaryEndPoint.Port"]},
        "ELASTICACHE_KIT_ENGINE": "valkey",
        "ELASTICACHE_KIT_ENGINE_VERSION": "9.0",
        "ELASTICACHE_KIT_TOPOLOGY": "cluster-mode-disabled",
        "ELASTICACHE_KIT_TLS": "true",
        "ELASTICACHE_KIT_AUTH": "iam",
        "ELASTICACHE_KIT_USER": user["Properties"]["UserName"],
        "ELASTICACHE_KIT_CACHE_NAME": {"Ref": group},
        "ELASTICACHE_KIT_SERVERLESS": "false",
        "ELASTICACHE_KIT_REGION": {"Ref": "AWS::Region"},
    }
    assert "elasticache:Connect" in [statement["Action"] for statement in _statements(template)]
    template.has_resource_properties(INGRESS, {"GroupId": GROUP, "FromPort": 6379, "ToPort": 6379})


def test_a_function_and_an_imported_cache(stack: Stack, function: lambda_.Function) -> None:
    """What an import tells arrives, and an application reads it back with the record of the contract."""
    group = UserGroup.from_user_group_id(
        stack, "Users", "orders", users=[IamUser.from_user_id(stack, "User", "reader")]
    )
    cache = ImportedSampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    inject_environment(cache.connection, function)
    variables = {**_variables(stack), "ELASTICACHE_KIT_REGION": "eu-west-1"}

    assert CacheEnvironment.from_env(variables) == CacheEnvironment(
        endpoint="orders.example.com",
        port=6380,
        topology="cluster-mode-enabled",
        auth="iam",
        user="reader",
        cache_name="orders",
        region="eu-west-1",
    )
    Template.from_stack(stack).has_resource_properties(INGRESS, {"GroupId": GROUP, "FromPort": 6380})


def test_a_user_with_a_password(stack: Stack, function: lambda_.Function) -> None:
    """The function may read the secret, whose ARN it is told; the password is nowhere."""
    user = PasswordUser(stack, "User", user_id="orders", rotation=Rotation.never())
    group = UserGroup(stack, "Users", users=[user])
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    inject_environment(cache.connection, function)
    template = Template.from_stack(stack)
    (secret,) = template.find_resources("AWS::SecretsManager::Secret")
    variables = _variables(stack)

    assert variables["ELASTICACHE_KIT_AUTH"] == "password"
    assert variables["ELASTICACHE_KIT_USER"] == "orders"
    assert variables["ELASTICACHE_KIT_SECRET_ARN"] == {"Ref": secret}
    assert {**SECRET_READ, "Effect": "Allow", "Resource": {"Ref": secret}} in _statements(template)


def test_an_auth_token(stack: Stack, function: lambda_.Function) -> None:
    """A token has no user."""
    token = Authentication.auth_token(rotation=Rotation.never())
    inject_environment(SampleCache(stack, "Cache", authentication=token).connection, function)
    template = Template.from_stack(stack)
    (secret,) = template.find_resources("AWS::SecretsManager::Secret")
    variables = _variables(stack)

    assert variables["ELASTICACHE_KIT_AUTH"] == "password"
    assert "ELASTICACHE_KIT_USER" not in variables
    assert variables["ELASTICACHE_KIT_SECRET_ARN"] == {"Ref": secret}
    assert {**SECRET_READ, "Effect": "Allow", "Resource": {"Ref": secret}} in _statements(template)


def test_nobody_signs_in(stack: Stack, function: lambda_.Function) -> None:
    """Without authentication there is no permission and no secret."""
    inject_environment(SampleCache(stack, "Cache").connection, function)

    assert _variables(stack)["ELASTICACHE_KIT_AUTH"] == "none"
    assert _statements(Template.from_stack(stack)) == []


def test_a_service(stack: Stack, vpc: ec2.Vpc) -> None:
    """Of an ECS service the default container gets the variables, the task role the permission, the service the way."""
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    service = _service(stack, vpc)
    inject_environment(cache.connection, service)
    template = Template.from_stack(stack)

    template.has_resource_properties(
        "AWS::ECS::TaskDefinition",
        {
            "ContainerDefinitions": [
                Match.object_like({"Environment": Match.array_with([{"Name": "ELASTICACHE_KIT_AUTH", "Value": "iam"}])})
            ]
        },
    )
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {"Statement": [Match.object_like({"Action": "elasticache:Connect"})]},
            "Roles": [{"Ref": Match.string_like_regexp("TaskTaskRole.*")}],
        },
    )
    template.has_resource_properties(
        INGRESS,
        {"SourceSecurityGroupId": {"Fn::GetAtt": [Match.string_like_regexp("ServiceSecurityGroup.*"), "GroupId"]}},
    )


def test_a_container_with_its_service(stack: Stack, vpc: ec2.Vpc) -> None:
    """A container is let in through the service that is given with it."""
    service = _service(stack, vpc)
    container = service.task_definition.default_container
    assert container is not None
    inject_environment(SampleCache(stack, "Cache").connection, container, client=cast("ec2.IConnectable", service))

    Template.from_stack(stack).resource_count_is(INGRESS, 1)


def test_a_container_alone(stack: Stack, vpc: ec2.Vpc) -> None:
    """A container opens no connections by itself, and a warning says that nothing lets it in."""
    container = _service(stack, vpc).task_definition.default_container
    assert container is not None
    inject_environment(SampleCache(stack, "Cache").connection, container)

    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("nothing lets this container in"))
    Template.from_stack(stack).resource_count_is(INGRESS, 0)


def test_an_import_without_security_groups(stack: Stack, function: lambda_.Function) -> None:
    """Where no security group is known, a warning says that no rule was made."""
    inject_environment(ImportedSampleCache(stack, "Cache", security_groups=False).connection, function)

    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("is imported without security_groups"))


def test_a_public_cache(stack: Stack) -> None:
    """A public serverless cache is reached without a VPC, and no rule is made for it."""
    inject_environment(ImportedSampleCache(stack, "Cache", public=True).connection, _function(stack, None))

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
    Template.from_stack(stack).resource_count_is(INGRESS, 0)


def test_two_caches(stack: Stack, function: lambda_.Function) -> None:
    """A second cache takes a prefix of its own; the same prefix twice would overwrite the first."""
    first, second = (SampleCache(stack, name) for name in ("Orders", "Sessions"))
    inject_environment(first.connection, function)
    inject_environment(second.connection, function, prefix="SESSIONS_")
    with pytest.raises(ValidationError, match="Stack/Function has the environment of a cache with this prefix"):
        inject_environment(second.connection, function)
    variables = _variables(stack)

    assert variables["SESSIONS_CACHE_NAME"] == {"Ref": stack.resolve(second.resource.ref)["Ref"]}
    assert variables["ELASTICACHE_KIT_CACHE_NAME"] == {"Ref": stack.resolve(first.resource.ref)["Ref"]}


def test_two_stacks() -> None:
    """The stack of the function needs that of the cache, and not the other way round."""
    app = App()
    cache_stack, app_stack = Stack(app, "Caches"), Stack(app, "App")
    vpc = isolated_vpc(cache_stack)
    group = UserGroup(cache_stack, "Users", users=[IamUser(cache_stack, "User")])
    cache = SampleCache(cache_stack, "Cache", authentication=Authentication.user_group(group))
    inject_environment(cache.connection, _function(app_stack, cast("ec2.IVpc", vpc)))
    app.synth()

    assert app_stack.dependencies == [cache_stack]
    assert cache_stack.dependencies == []
    Template.from_stack(app_stack).resource_count_is(INGRESS, 1)


def test_everything_wrong_with_a_function(stack: Stack) -> None:
    """A function outside of the VPC and a prefix that is no name are in one message, and nothing is set."""
    function = _function(stack, None)
    with pytest.raises(ValidationError) as error:
        inject_environment(SampleCache(stack, "Cache").connection, function, prefix="MY-CACHE")

    assert str(error.value).splitlines() == [
        "Stack/Cache: 2 problems",
        "  prefix = 'MY-CACHE': the names of variables hold ASCII letters, digits and underscores, a letter first",
        "    take SESSIONS_, for example   [cdk-environment-prefix]",
        "  target = 'Stack/Function': the function is in no VPC, and the cache is reached from its VPC only",
        "    give the function vpc, the one that the cache is in   [cdk-environment-no-vpc]",
    ]
    assert not Template.from_stack(stack).find_resources("AWS::Lambda::Function", {"Properties": {"Environment": {}}})


@pytest.mark.parametrize("target", ["function", None, 7])
def test_what_cannot_have_an_environment(stack: Stack, target: Any) -> None:
    """Anything but a function, a container or a service is refused, with what is taken."""
    with pytest.raises(ValidationError, match="it must be a lambda Function, an ecs ContainerDefinition"):
        inject_environment(SampleCache(stack, "Cache").connection, target)


def test_a_wrong_user(stack: Stack, function: lambda_.Function) -> None:
    """A name is no user."""
    wrong: Any = "orders"
    with pytest.raises(ValidationError, match=r"Stack/Cache.inject_environment: 1 problem\n  user = 'orders'"):
        inject_environment(SampleCache(stack, "Cache").connection, function, user=wrong)


def test_users_that_cannot_be_told(stack: Stack, function: lambda_.Function) -> None:
    """Who signs in, the name and the secret must be known; users without a password are not in the contract."""
    nameless = PasswordUser.from_user_attributes(stack, "Nameless", user_id="a")
    secretless = PasswordUser.from_user_attributes(stack, "Secretless", user_id="b", user_name="b")
    anybody = NoPasswordUser.from_user_attributes(stack, "Anybody", user_id="default", user_name="default")
    group = UserGroup(stack, "Users", engine=Engine.REDIS, users=[nameless, secretless, anybody])
    connection = SampleCache(stack, "Cache", authentication=Authentication.user_group(group)).connection

    with pytest.raises(ValidationError, match="several users of the cache sign in with iam or password"):
        inject_environment(connection, function)
    with pytest.raises(ValidationError, match=r"user = 'Stack/Nameless': the name of this user is not known"):
        inject_environment(connection, function, user=nameless)
    with pytest.raises(ValidationError, match=r"user = 'Stack/Secretless': the secret of this user is not known"):
        inject_environment(connection, function, user=secretless)
    with pytest.raises(ValidationError, match="it signs in with no-password-required, not with iam or password"):
        inject_environment(connection, function, user=anybody)
    with pytest.raises(ValidationError, match="the cache asks nobody to sign in"):
        inject_environment(SampleCache(stack, "Open").connection, function, user=nameless)
