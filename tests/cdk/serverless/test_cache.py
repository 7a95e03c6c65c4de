"""ServerlessCache."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from elasticache_kit.cdk.serverless.reference import IServerlessCache
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from tests.cdk.conftest import isolated_vpc
from tests.cdk.linted import linted, only

TYPE = "AWS::ElastiCache::ServerlessCache"


def _refusal(stack: Stack, vpc: ec2.IVpc | None, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        ServerlessCache(stack, "Cache", vpc=vpc, **wrong)
    assert stack.node.try_find_child("Cache") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def _warned(stack: Stack, sentence: str) -> None:
    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Cache", Match.any_value())
    assert sentence in str(warning.entry.data)


def test_nothing_but_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """The defaults are Valkey in two zones, with snapshots, one of which outlives the cache."""
    ServerlessCache(stack, "Cache", vpc=vpc)
    resource = only(linted(stack), TYPE)
    name = resource["Properties"]["ServerlessCacheName"]

    assert resource["Properties"] == {
        "ServerlessCacheName": name,
        "Engine": "valkey",
        "MajorEngineVersion": "9",
        "Description": "Serverless cache Stack/Cache",
        "SubnetIds": stack.resolve([subnet.subnet_id for subnet in vpc.isolated_subnets]),
        "SecurityGroupIds": [{"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}],
        "SnapshotRetentionLimit": 15,
        "FinalSnapshotName": f"{name}-final",
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Delete"
    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_everything_given(stack: Stack, vpc: ec2.Vpc) -> None:
    """Every option arrives in the property that it is named after, and names in lower case."""
    arn = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    snapshot = "arn:aws:elasticache:eu-west-1:123456789012:serverlesscachesnapshot:orders"
    ServerlessCache(
        stack,
        "Cache",
        vpc=vpc,
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        engine=ServerlessEngine.VALKEY_8,
        serverless_cache_name="Orders",
        description="The cache of the orders",
        data_storage_minimum=1,
        data_storage_maximum=10,
        ecpu_per_second_minimum=1000,
        ecpu_per_second_maximum=5000,
        connection_type="vpc",
        network_type="ipv4",
        user_group=UserGroup.from_user_group_id(stack, "Users", "orders-users"),
        kms_key=kms.Key.from_key_arn(stack, "Key", arn),
        snapshot_retention_limit=35,
        daily_snapshot_time=DailySnapshotTime.of("04:30"),
        snapshot_arns_to_restore=[snapshot],
        final_snapshot_name="Orders-Last",
        tags={"team": "orders"},
        removal_policy=RemovalPolicy.RETAIN,
    )
    resource = only(linted(stack), TYPE)

    assert resource["Properties"] == {
        "ServerlessCacheName": "orders",
        "Engine": "valkey",
        "MajorEngineVersion": "8",
        "Description": "The cache of the orders",
        "CacheUsageLimits": {
            "DataStorage": {"Minimum": 1, "Maximum": 10, "Unit": "GB"},
            "ECPUPerSecond": {"Minimum": 1000, "Maximum": 5000},
        },
        "ConnectionType": "vpc",
        "NetworkType": "ipv4",
        "SubnetIds": stack.resolve([subnet.subnet_id for subnet in vpc.isolated_subnets]),
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "UserGroupId": "orders-users",
        "KmsKeyId": arn,
        "SnapshotRetentionLimit": 35,
        "DailySnapshotTime": "04:30",
        "SnapshotArnsToRestore": [snapshot],
        "FinalSnapshotName": "orders-last",
        "Tags": [{"Key": "team", "Value": "orders"}],
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_logical_ids_and_name_survive_releases(stack: Stack, vpc: ec2.Vpc) -> None:
    """These are a contract: another one here replaces the caches of everybody who updates."""
    ServerlessCache(stack, "Cache", vpc=vpc)
    resources = Template.from_stack(stack).to_json()["Resources"]

    assert {name: resource["Type"] for name, resource in resources.items() if name.startswith("Cache")} == {
        "Cache18F6EE16": TYPE,
        "CacheSecurityGroup79A9F160": "AWS::EC2::SecurityGroup",
    }
    assert resources["Cache18F6EE16"]["Properties"]["ServerlessCacheName"] == "stack-cache-de0b8ccf"


def test_every_argument_is_documented() -> None:
    """The docstring names each argument, and says of each optional one what happens without it."""
    parameters = inspect.signature(ServerlessCache.__init__).parameters
    text = inspect.getdoc(ServerlessCache) or ""
    arguments = text[text.index("Args:") : text.index("Raises:")]

    for name, parameter in list(parameters.items())[1:]:
        assert f"    {name}: " in arguments
        described = arguments.split(f"    {name}: ")[1].split("\n    ")[0:4]
        if parameter.default is not inspect.Parameter.empty:
            assert "Default:" in " ".join(described), name


def test_a_long_path(vpc: ec2.Vpc) -> None:
    """Names and texts are cut to what AWS takes, and two that begin alike still differ."""
    stack = Stack(App(), "Stack" + "-of-the-orders" * 8)
    vpc = isolated_vpc(stack)
    for name in ("First", "Second"):
        ServerlessCache(stack, f"{'Cache' * 50}{name}", vpc=vpc)
    names = [resource["Properties"]["ServerlessCacheName"] for resource in linted(stack).find_resources(TYPE).values()]

    assert len(set(names)) == 2
    assert all(len(name) <= 40 for name in names)


@pytest.mark.parametrize(
    ("options", "kept", "written"),
    [
        ({"removal_policy": RemovalPolicy.SNAPSHOT}, "stack-cache-de0b8ccf-final", "Delete"),
        ({"final_snapshot_name": "last"}, "last", "Delete"),
        ({"removal_policy": RemovalPolicy.DESTROY}, None, "Delete"),
        ({"removal_policy": RemovalPolicy.RETAIN}, None, "Retain"),
    ],
)
def test_what_is_kept_of_a_cache_that_is_removed(
    stack: Stack, vpc: ec2.Vpc, options: dict[str, Any], kept: str | None, written: str
) -> None:
    """CloudFormation has no snapshot policy for this type, so a name asks for the snapshot."""
    ServerlessCache(stack, "Cache", vpc=vpc, **options)
    resource = only(linted(stack), TYPE)

    assert resource["Properties"].get("FinalSnapshotName") == kept
    assert resource["DeletionPolicy"] == written


@pytest.mark.parametrize(
    ("limits", "written"),
    [
        ({"data_storage_maximum": 10}, {"DataStorage": {"Maximum": 10, "Unit": "GB"}}),
        ({"ecpu_per_second_maximum": 5000}, {"ECPUPerSecond": {"Maximum": 5000}}),
    ],
)
def test_one_limit(stack: Stack, vpc: ec2.Vpc, limits: dict[str, Any], written: dict[str, Any]) -> None:
    """A limit that is not given is not written."""
    ServerlessCache(stack, "Cache", vpc=vpc, **limits)

    assert only(linted(stack), TYPE)["Properties"]["CacheUsageLimits"] == written


@pytest.mark.parametrize(
    ("engine", "written", "ports"),
    [
        (ServerlessEngine.VALKEY_7, ("valkey", "7"), (6379, 6380)),
        (ServerlessEngine.REDIS_7, ("redis", "7"), (6379, 6380)),
        (ServerlessEngine.MEMCACHED_1_6, ("memcached", "1.6"), (11211, 11212)),
    ],
)
def test_engines(
    stack: Stack, vpc: ec2.Vpc, engine: ServerlessEngine, written: tuple[str, str], ports: tuple[int, int]
) -> None:
    """The engine says the version and the ports, and whoever is let in is let in to both."""
    cache = ServerlessCache(stack, "Cache", vpc=vpc, engine=engine)
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)
    template = linted(stack)
    properties = only(template, TYPE)["Properties"]

    assert (properties["Engine"], properties["MajorEngineVersion"]) == written
    assert cache.engine == engine
    template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": ports[0], "ToPort": ports[1]})


def test_an_engine_of_tomorrow_is_a_warning(stack: Stack, vpc: ec2.Vpc) -> None:
    """What the rulebook does not know yet is built, and said."""
    ServerlessCache(stack, "Cache", vpc=vpc, engine=ServerlessEngine.of(Engine.VALKEY, "10"))

    _warned(stack, "this version of valkey is not known")


def test_endpoints(stack: Stack, vpc: ec2.Vpc) -> None:
    """Both endpoints are attributes of the resource, and their ports numbers that CloudFormation has as text."""
    cache = ServerlessCache(stack, "Cache", vpc=vpc)
    for endpoint, name in ((cache.endpoint, "Endpoint"), (cache.reader_endpoint, "ReaderEndpoint")):
        assert stack.resolve(endpoint.address) == {"Fn::GetAtt": ["Cache18F6EE16", f"{name}.Address"]}
        assert stack.resolve(endpoint.port) == {"Fn::GetAtt": ["Cache18F6EE16", f"{name}.Port"]}
        CfnOutput(stack, name, value=endpoint.socket_address)

    assert isinstance(cache, IServerlessCache)
    assert stack.resolve(cache.serverless_cache_name) == {"Ref": "Cache18F6EE16"}
    assert stack.resolve(cache.serverless_cache_arn) == {"Fn::GetAtt": ["Cache18F6EE16", "ARN"]}
    linted(stack)


@pytest.mark.parametrize("zones", [3, 4])
def test_one_subnet_in_each_of_three_zones(zones: int) -> None:
    """More than three zones, or several subnets in one, are no reason to fail."""
    names = [f"eu-west-1{letter}" for letter in "abcd"[:zones]]
    app = App(context={"availability-zones:account=123456789012:region=eu-west-1": names})
    stack = Stack(app, "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        max_azs=zones,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) for name in ("One", "Two")
        ],
        restrict_default_security_group=False,
    )
    ServerlessCache(stack, "Cache", vpc=vpc)

    assert only(linted(stack), TYPE)["Properties"]["SubnetIds"] == stack.resolve(
        [subnet.subnet_id for subnet in vpc.isolated_subnets[:3]]
    )


def test_subnets_that_are_listed_are_taken(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """Nobody drops a subnet that the user names; if it looks wrong, that is said."""
    (subnet, _) = regional_vpc.isolated_subnets
    ServerlessCache(
        regional_stack, "Cache", vpc=regional_vpc, vpc_subnets=ec2.SubnetSelection(subnets=[subnet, subnet])
    )

    assert len(only(Template.from_stack(regional_stack), TYPE)["Properties"]["SubnetIds"]) == 2
    _warned(regional_stack, "several of them are in one Availability Zone")


def test_one_zone_is_few(stack: Stack) -> None:
    """No page says that ElastiCache refuses it, so it is a warning."""
    ServerlessCache(stack, "Cache", vpc=isolated_vpc(stack, max_azs=1))

    _warned(stack, "a serverless cache is in 2 or 3 subnets, not 1")


def test_a_vpc_that_is_yet_to_be_looked_up() -> None:
    """The first run of an app with a lookup passes, so that the CLI can look up."""
    stack = Stack(App(), "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    ServerlessCache(stack, "Cache", vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0"))

    assert only(Template.from_stack(stack), TYPE)


def test_public(stack: Stack) -> None:
    """A public cache has a user group of IAM users, and neither subnets nor security groups."""
    cache = ServerlessCache(
        stack,
        "Cache",
        connection_type="public",
        user_group=UserGroup(stack, "Users", users=[IamUser(stack, "User", access_string="on ~* +@read")]),
    )
    template = linted(stack)
    properties = only(template, TYPE)["Properties"]

    assert properties["ConnectionType"] == "public"
    assert not {"SubnetIds", "SecurityGroupIds"} & set(properties)
    assert not cache.connections.security_groups
    template.resource_count_is("AWS::EC2::SecurityGroup", 0)


def test_public_with_the_group_of_aws(stack: Stack) -> None:
    """AWS has made a group for public caches."""
    group = UserGroup.from_default_iam_user_group(stack, "Users")
    ServerlessCache(stack, "Cache", connection_type="public", user_group=group)

    assert only(linted(stack), TYPE)["Properties"]["UserGroupId"] == "default.iam-user-group"


def test_public_with_a_password(stack: Stack) -> None:
    """The users of a group that is made here are known, though its id is not."""
    users = UserGroup(stack, "Users", users=[PasswordUser(stack, "User", access_string="on ~* +@read")])

    assert "[sl-public-iam-only]" in _refusal(stack, None, connection_type="public", user_group=users)


def test_public_within_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """Everything that a public cache cannot have is said at once."""
    text = _refusal(
        stack,
        vpc,
        connection_type="public",
        engine=ServerlessEngine.VALKEY_8,
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
    )

    for rule in ("sl-public-engine", "sl-public-iam-only", "sl-public-no-vpc"):
        assert f"[{rule}]" in text


def test_no_vpc(stack: Stack) -> None:
    """ElastiCache would take the default VPC, and its subnets are public."""
    assert _refusal(stack, None, vpc_subnets=ec2.SubnetSelection()).splitlines()[:5] == [
        "Stack/Cache: 2 problems, 1 warning",
        "  vpc is not given: without subnets ElastiCache takes those of the default VPC, public as they may be",
        '    say which VPC with vpc, or set connection_type="public"   [cdk-serverless-vpc]',
        "  vpc_subnets = SubnetSelection(): they are subnets of no VPC",
        "    say which VPC with vpc, or leave vpc_subnets out   [cdk-serverless-subnets]",
    ]


def test_users_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """Memcached has no users."""
    users = UserGroup.from_user_group_id(stack, "Users", "orders")

    assert "[sl-usergroup-engines]" in _refusal(stack, vpc, engine=ServerlessEngine.MEMCACHED_1_6, user_group=users)


def test_users_of_another_engine(stack: Stack, vpc: ec2.Vpc) -> None:
    """A group of Valkey is none for Redis OSS."""
    users = UserGroup(stack, "Users", users=[IamUser(stack, "User", access_string="on ~* +@read")])

    assert "[sl-usergroup-redis]" in _refusal(stack, vpc, engine=ServerlessEngine.REDIS_7, user_group=users)


def test_all_mistakes_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """One message has every rule that is broken, before jsii is called."""
    text = _refusal(
        stack,
        vpc,
        serverless_cache_name="My Bad Name",
        data_storage_minimum=10,
        data_storage_maximum=5,
        ecpu_per_second_maximum=10,
        snapshot_retention_limit=36,
        daily_snapshot_time="9-17:*/5",
        description="x" * 256,
        final_snapshot_name="-last",
        network_type="dual_stack",
    )

    for rule in ("sl-name", "sl-storage-range", "sl-ecpu-range", "sl-snapshot-retention", "sl-daily-time"):
        assert f"[{rule}]" in text
    for rule in ("sl-description", "sl-final-snapshot-name", "cdk-network-type-subnets"):
        assert f"[{rule}]" in text


def test_tokens_never_raise(stack: Stack, vpc: ec2.Vpc) -> None:
    """What only a deployment knows passes through."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    text = CfnParameter(stack, "Text").value_as_string
    ServerlessCache(
        stack,
        "Cache",
        vpc=vpc,
        engine=ServerlessEngine.of(Engine.VALKEY, text),
        serverless_cache_name=text,
        description=text,
        data_storage_maximum=number,
        ecpu_per_second_maximum=number,
        snapshot_retention_limit=number,
        daily_snapshot_time=text,
        snapshot_arns_to_restore=[text],
        final_snapshot_name=text,
    )
    properties = only(linted(stack), TYPE)["Properties"]

    assert properties["ServerlessCacheName"] == properties["FinalSnapshotName"] == {"Ref": "Text"}
    assert properties["CacheUsageLimits"]["DataStorage"]["Maximum"] == {"Ref": "Number"}


@pytest.mark.parametrize("imported", [True, False])
def test_sign_in_with_iam(stack: Stack, vpc: ec2.Vpc, imported: bool) -> None:
    """One call gives the variables, opens both ports, and lets the function sign in as the one IAM user."""
    users = UserGroup(stack, "Users", users=[IamUser(stack, "User", access_string="on ~* +@read")])
    cache: IServerlessCache = ServerlessCache(stack, "Cache", vpc=vpc, user_group=users)
    if imported:
        cache = ServerlessCache.from_serverless_cache_attributes(
            stack,
            "Imported",
            serverless_cache_name="orders",
            endpoint_address="orders.example.com",
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
            user_group=users,
        )
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("handler = print"),
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    )
    cache.inject_environment(function)
    template = linted(stack)
    variables = only(template, "AWS::Lambda::Function")["Properties"]["Environment"]["Variables"]
    (statement,) = only(template, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]["Statement"]

    assert variables["ELASTICACHE_KIT_SERVERLESS"] == variables["ELASTICACHE_KIT_TLS"] == "true"
    assert variables["ELASTICACHE_KIT_TOPOLOGY"] == "cluster-mode-enabled"
    assert variables["ELASTICACHE_KIT_AUTH"] == "iam"
    assert statement["Action"] == "elasticache:Connect"
    assert stack.resolve(cache.serverless_cache_arn) in statement["Resource"]
    assert len(statement["Resource"]) == 2
    template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": 6379, "ToPort": 6380})


def test_imported(stack: Stack, vpc: ec2.Vpc) -> None:
    """An imported cache has its endpoints as values, an ARN of this account, and lets a client in."""
    cache = ServerlessCache.from_serverless_cache_attributes(
        stack,
        "Cache",
        serverless_cache_name="Orders",
        engine=ServerlessEngine.MEMCACHED_1_6,
        endpoint_address="orders.example.com",
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
    )
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)
    template = linted(stack)

    assert isinstance(cache, IServerlessCache)
    assert cache.serverless_cache_name == "orders"
    assert cache.engine == ServerlessEngine.MEMCACHED_1_6
    assert cache.endpoint.socket_address == "orders.example.com:11211"
    assert cache.reader_endpoint.socket_address == "orders.example.com:11212"
    assert stack.resolve(cache.serverless_cache_arn)["Fn::Join"][1][-1] == ":serverlesscache:orders"
    assert not template.find_resources(TYPE)
    template.has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 11211, "ToPort": 11212}
    )


def test_imported_by_name_only(stack: Stack) -> None:
    """What an import did not tell is missed when it is asked for, with what to do."""
    cache = ServerlessCache.from_serverless_cache_attributes(stack, "Cache", serverless_cache_name="orders")

    assert cache.engine is None
    with pytest.raises(ValidationError) as error:
        _ = cache.reader_endpoint
    assert str(error.value) == (
        "Stack/Cache is imported without its endpoint; give endpoint_address where it is imported"
    )


def test_an_error_names_the_argument(stack: Stack) -> None:
    """Not the member of the property that it is made into."""
    with pytest.raises(ValidationError) as caught:
        ServerlessCache(stack, "Cache", connection_type="public", data_storage_minimum=20, data_storage_maximum=10)

    assert "data_storage_minimum = 20" in str(caught.value)
    assert "cache_usage_limits" not in str(caught.value)
