"""PostgreSQL: a database of the pattern's own, and what an application must know of any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from aws_cdk import Duration, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

from elasticache_kit.model.environment import DATABASE_SECRET_VARIABLE

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager
    from constructs import Construct

Database: TypeAlias = "rds.IDatabaseCluster | rds.IDatabaseInstance"

VERSION = rds.AuroraPostgresEngineVersion.VER_17_7
# Half a unit is 1 GiB, and the least at which NOTIFY is delivered at once: a paused database wakes up first.
LEAST_CAPACITY, MOST_CAPACITY = 0.5, 4
RETENTION_DAYS = 15


@dataclass(frozen=True, slots=True)
class DatabaseConnection:
    """What an application gets.

    Args:
        variables: those of libpq, which every client of PostgreSQL reads, and that of the secret.
        secret: the secret to read; None where there is none.
        database: its security groups, with its port as the default port.
    """

    variables: Mapping[str, str]
    secret: secretsmanager.ISecret | None
    database: ec2.IConnectable


def aurora(scope: Construct, construct_id: str, vpc: ec2.IVpc, name: str) -> rds.DatabaseCluster:
    """Make an Aurora PostgreSQL cluster of one serverless instance: encrypted, backed up, in subnets without egress."""
    return rds.DatabaseCluster(
        scope,
        construct_id,
        engine=rds.DatabaseClusterEngine.aurora_postgres(version=VERSION),
        writer=rds.ClusterInstance.serverless_v2("Writer"),
        serverless_v2_min_capacity=LEAST_CAPACITY,
        serverless_v2_max_capacity=MOST_CAPACITY,
        vpc=vpc,
        vpc_subnets=_subnets(vpc),
        default_database_name=name,
        credentials=rds.Credentials.from_generated_secret("application"),
        storage_encrypted=True,
        iam_authentication=True,
        copy_tags_to_snapshot=True,
        backup=rds.BackupProps(retention=Duration.days(RETENTION_DAYS)),
    )


def connection_of(database: Database, secret: secretsmanager.ISecret | None, name: str) -> DatabaseConnection:
    """Return what an application must know of a database."""
    known: Any = database
    # A cluster has an endpoint that writes, an instance has one only.
    if hasattr(known, "cluster_endpoint"):
        host, port = known.cluster_endpoint.hostname, known.cluster_endpoint.port
    else:
        host, port = known.db_instance_endpoint_address, known.instance_endpoint.port
    found = secret or getattr(known, "secret", None)
    # The number of a token says nothing to CloudFormation as text.
    variables = {"PGHOST": host, "PGPORT": Token.as_string(port), "PGDATABASE": name}
    if found is not None:
        variables[DATABASE_SECRET_VARIABLE] = found.secret_arn
    return DatabaseConnection(variables, found, cast("ec2.IConnectable", database))


def _subnets(vpc: ec2.IVpc) -> ec2.SubnetSelection:
    """Choose as the cache does: isolated subnets, and where there are none those with egress."""
    kind = ec2.SubnetType.PRIVATE_ISOLATED if vpc.isolated_subnets else ec2.SubnetType.PRIVATE_WITH_EGRESS
    return ec2.SubnetSelection(subnet_type=kind)
