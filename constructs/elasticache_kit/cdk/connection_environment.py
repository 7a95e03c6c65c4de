"""The connection environment: everything that a function or container needs to use a cache, in one call.

The variables are those of model/environment, which applications read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_kit.cdk.argument import refuse_types, violation, warn
from elasticache_kit.cdk.user import IUser
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.environment import PREFIX, CacheEnvironment
from elasticache_kit.model.rule import Violation, describe, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Resource
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_

    from elasticache_kit.cdk.endpoint import Endpoint
    from elasticache_kit.cdk.grant import CacheGrants

    Target = lambda_.Function | ecs.ContainerDefinition | ecs.BaseService

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConnection:
    """What a cache of any kind tells of itself to those who connect.

    Args:
        cache: the construct.
        cache_name: the id that an IAM token is made for.
        endpoint: where to write.
        reader_endpoint: where to read. Default: there is no such endpoint.
        engine: the engine. Default: unknown, and the application takes Valkey.
        engine_version: its version. Default: unknown.
        topology: `cluster-mode-disabled` or `cluster-mode-enabled`, which is also how serverless caches speak.
        tls: whether clients speak TLS.
        serverless: whether it is a serverless cache.
        public: whether it is reached from everywhere, and not from its VPC only.
        connections: its security groups, with its port as the default port.
        grants: who signs in to it, and how. Default: nobody has to.
    """

    cache: Resource
    cache_name: str
    endpoint: Endpoint
    reader_endpoint: Endpoint | None = None
    engine: Engine | None = None
    engine_version: str | None = None
    topology: str
    tls: bool
    serverless: bool = False
    public: bool = False
    connections: ec2.Connections
    grants: CacheGrants | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """What gets the environment: how to set a variable, who asks for permissions, and who opens connections."""

    construct: Construct
    set_variable: Callable[[str, str], Any]
    grantee: iam.IGrantable
    client: ec2.IConnectable | None
    in_vpc: bool = True


def inject_environment(
    connection: CacheConnection,
    target: Target,
    *,
    user: IUser | None = None,
    client: ec2.IConnectable | None = None,
    prefix: str = PREFIX,
) -> None:
    """Let an application use a cache: variables, security group rules, permission or secret.

    The permissions and rules become part of the stack of the application, so two stacks do not depend on each other.

    Args:
        connection: the cache.
        target: the Lambda function, the container, or the ECS service, whose default container it is then.
        user: whom to sign in as. Default: the only user of the cache with IAM or a password.
        client: what opens the connections, for a container its service. Default: the function or the service.
        prefix: what the variables begin with; a second cache of one application needs another one. Default:
            ELASTICACHE_KIT_.

    Raises:
        ValidationError: an argument has the wrong type, the function is in no VPC, the prefix is taken, or there is
            nobody to sign in as.
    """
    path = connection.cache.node.path
    given = {"user": user, "client": client, "prefix": prefix}
    hints = {"user": IUser | None, "client": ec2.IConnectable | None, "prefix": str}
    refuse_types(f"{path}.inject_environment", given, hints)
    application = application_of(path, target, client)
    refuse(path, _contradictions(connection, application, prefix))

    environment, allow = _environment(connection, user)
    for name, value in _variables(connection, environment, prefix).items():
        application.set_variable(name, value)
    allow(application.grantee)
    Construct(application.construct, _marker(prefix))
    _let_in(connection, application)


def application_of(path: str, target: object, client: ec2.IConnectable | None) -> Application:
    """Return what gets an environment.

    Args:
        path: what speaks where it is none.
        target: a Lambda function, a container, or an ECS service.
        client: what opens the connections. Default: the function or the service.

    Raises:
        ValidationError: it is none of them.
    """
    # Most apps have no container, and its module is a tenth of a second to import.
    from aws_cdk import aws_ecs as ecs  # noqa: PLC0415
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415

    if isinstance(target, lambda_.Function):
        in_vpc = bool(target.is_bound_to_vpc)
        itself = cast("ec2.IConnectable", target) if in_vpc else None
        return Application(
            target, target.add_environment, cast("iam.IGrantable", target), client or itself, in_vpc=in_vpc
        )
    if isinstance(target, ecs.BaseService) and target.task_definition.default_container is not None:
        client, target = client or cast("ec2.IConnectable", target), target.task_definition.default_container
    if isinstance(target, ecs.ContainerDefinition):
        role = target.task_definition.task_role
        return Application(target, target.add_environment, cast("iam.IGrantable", role), client)
    mistake = violation(
        "cdk-environment-target",
        "target",
        target,
        "it must be a lambda Function, an ecs ContainerDefinition, or an ecs service with a container",
        "pass one of them",
    )
    raise ValidationError(describe(path, [mistake]))


def _contradictions(connection: CacheConnection, application: Application, prefix: str) -> Iterator[Violation]:
    target = application.construct
    if _PREFIX.fullmatch(prefix) is None:
        yield violation(
            "cdk-environment-prefix",
            "prefix",
            prefix,
            "the names of variables hold ASCII letters, digits and underscores, a letter first",
            "take SESSIONS_, for example",
        )
    elif target.node.try_find_child(_marker(prefix)) is not None:
        yield violation(
            "cdk-environment-twice",
            "prefix",
            prefix,
            f"{target.node.path} has the environment of a cache with this prefix already",
            "give one of the two another prefix",
        )
    if not application.in_vpc and not connection.public:
        yield violation(
            "cdk-environment-no-vpc",
            "target",
            target.node.path,
            "the function is in no VPC, and the cache is reached from its VPC only",
            "give the function vpc, the one that the cache is in",
        )


def _environment(
    connection: CacheConnection, user: IUser | None
) -> tuple[CacheEnvironment, Callable[[iam.IGrantable], Any]]:
    """Return the environment, and what lets an application sign in."""
    reader = connection.reader_endpoint
    environment = CacheEnvironment(
        endpoint=connection.endpoint.address,
        reader_endpoint=None if reader is None else reader.address,
        engine=(connection.engine or Engine.VALKEY).value,
        engine_version=connection.engine_version,
        topology=connection.topology,
        tls=connection.tls,
        cache_name=connection.cache_name,
        serverless=connection.serverless,
        region=connection.cache.stack.region,
    )
    grants, path = connection.grants, connection.cache.node.path
    if grants is None or grants.sign_in.is_open:
        if user is not None:
            raise _unusable(path, user, "the cache asks nobody to sign in", "leave user out")
        return environment, lambda _: None
    if user is None and (secret := grants.sign_in.secret) is not None:
        return replace(environment, auth="password", secret_arn=secret.secret_arn), secret.grant_read
    member = grants.sign_in.member(path, user, types={"iam", "password"})
    if member.user_name is None:
        raise _unusable(path, member, "the name of this user is not known", "give user_name where it is imported")
    if member.authentication_type == "iam":
        return (
            replace(environment, auth="iam", user=member.user_name),
            lambda grantee: grants.connect(grantee, user=member),
        )
    if member.secret is None:
        raise _unusable(path, member, "the secret of this user is not known", "give secret where it is imported")
    return (
        replace(environment, auth="password", user=member.user_name, secret_arn=member.secret.secret_arn),
        member.secret.grant_read,
    )


def _variables(connection: CacheConnection, environment: CacheEnvironment, prefix: str) -> dict[str, str]:
    variables = environment.to_env(prefix)
    # The record has a number, and the number of a token says nothing to CloudFormation as text.
    variables[f"{prefix}PORT"] = connection.endpoint.port_text
    if connection.engine is None:
        del variables[f"{prefix}ENGINE"]
    return variables


def _let_in(connection: CacheConnection, application: Application) -> None:
    if connection.public:
        return
    client = application.client
    if client is None:
        message, remedy = "nothing lets this container in to the cache", "pass client=, the service that runs it"
    elif not connection.connections.security_groups:
        message, remedy = (
            f"nothing lets it in: {connection.cache.node.path} is imported without security_groups",
            "give security_groups where the cache is imported",
        )
    else:
        # Asked from this side, the CDK puts the rules of both sides into the stack of the client.
        client.connections.allow_to_default_port(connection.connections)
        return
    path = application.construct.node.path
    warn(application.construct, [violation("cdk-environment-not-let-in", "client", path, message, remedy)])


def _unusable(path: str, user: IUser, message: str, remedy: str) -> ValidationError:
    return ValidationError(describe(path, [violation("cdk-environment-user", "user", user.node.path, message, remedy)]))


def _marker(prefix: str) -> str:
    return f"Environment{prefix}"
