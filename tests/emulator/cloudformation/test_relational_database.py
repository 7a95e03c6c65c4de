"""Databases of RDS: what a stack makes, changes, replaces and removes; without engines nothing is behind them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.wire import make_subnets

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

WORD = "a-word-of-nobody"


def rds(kind: str, **properties: Any) -> dict[str, Any]:
    """Return a resource of RDS for a template."""
    return {"Type": f"AWS::RDS::{kind}", "Properties": properties}


def cluster(**properties: Any) -> dict[str, Any]:
    """Return an Aurora cluster; numbers and booleans may be text."""
    given = {"Engine": "aurora-postgresql", "EngineVersion": "17.7", "MasterUsername": "owner", "Port": "5433"}
    return rds("DBCluster", **given, MasterUserPassword=WORD, DatabaseName="shop", **properties)


def instance(**properties: Any) -> dict[str, Any]:
    """Return an instance of the cluster."""
    known = {"DBClusterIdentifier": {"Ref": "Cluster"}, "DBInstanceClass": "db.serverless"}
    return rds("DBInstance", Engine="aurora-postgresql", **known, **properties)


def test_a_cluster_and_its_instance_come_change_and_go(stack: StackOf) -> None:
    """Its attributes are outputs; what changes in place keeps the cluster, and nothing is left in the end."""
    shown = {
        "Host": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]},
        "Reader": {"Fn::GetAtt": ["Cluster", "ReadEndpoint.Address"]},
        "Port": {"Fn::GetAtt": ["Cluster", "Endpoint.Port"]},
        "Arn": {"Fn::GetAtt": ["Cluster", "DBClusterArn"]},
        "InstanceHost": {"Fn::GetAtt": ["Writer", "Endpoint.Address"]},
    }
    outputs = stack.deploy({"Cluster": cluster(), "Writer": instance()}, shown)
    name = stack.id_of("Cluster")
    stack.deploy({"Cluster": cluster(BackupRetentionPeriod="7"), "Writer": instance()})
    api = stack.client("rds")
    (found,) = api.describe_db_clusters()["DBClusters"]

    assert outputs["Port"] == "5433"
    assert outputs["Arn"].endswith(f":cluster:{name}")
    assert all(outputs[host].endswith(".rds.invalid") for host in ("Host", "Reader", "InstanceHost"))
    assert (found["DBClusterIdentifier"], found["BackupRetentionPeriod"]) == (name, 7)
    assert [member["DBInstanceIdentifier"] for member in found["DBClusterMembers"]] == [stack.id_of("Writer")]
    assert stack.destroy() == "DELETE_COMPLETE"
    assert api.describe_db_clusters()["DBClusters"] == api.describe_db_instances()["DBInstances"] == []


def test_another_user_is_another_cluster(stack: StackOf) -> None:
    """CloudFormation replaces it: the new one is there before the old one goes."""
    stack.deploy({"Cluster": cluster()})
    before = stack.id_of("Cluster")
    made = cluster()
    made["Properties"]["MasterUsername"] = "somebody"
    stack.deploy({"Cluster": made})

    (found,) = stack.client("rds").describe_db_clusters()["DBClusters"]
    assert found["DBClusterIdentifier"] == stack.id_of("Cluster") != before
    assert found["MasterUsername"] == "somebody"


def test_a_change_that_is_refused_leaves_the_cluster_as_it_was(stack: StackOf) -> None:
    """Where moto itself takes a cluster out before it looks at the request."""
    stack.deploy({"Cluster": cluster()})
    name = stack.id_of("Cluster")
    wrong = cluster()
    wrong["Properties"]["MasterUserPassword"] = "short"
    ended = stack.attempt({"Cluster": wrong})

    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [item["DBClusterIdentifier"] for item in stack.client("rds").describe_db_clusters()["DBClusters"]] == [name]


def test_a_creation_that_fails_leaves_nothing(stack: StackOf) -> None:
    """Neither what failed nor what was made before it."""
    ended = stack.attempt({"Cluster": cluster(), "Writer": instance(DBInstanceIdentifier="-no-name-")})

    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack.client("rds").describe_db_clusters()["DBClusters"] == []


@pytest.mark.parametrize("member", ["SnapshotIdentifier", "SourceDBClusterIdentifier"])
def test_nothing_is_restored(stack: StackOf, member: str) -> None:
    """An empty database would look like one that has lost everything."""
    ended = stack.attempt({"Cluster": cluster(**{member: "before"})})

    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(f"{member}: the local emulator keeps no data of RDS" in reason for reason in stack.reasons())


def test_what_the_api_does_not_take_is_left_out_and_said(stack: StackOf) -> None:
    """A property of CloudFormation alone."""
    stack.deploy({"Cluster": cluster(DeleteAutomatedBackups=True)})

    assert any("left out: DeleteAutomatedBackups" in reason for reason in stack.reasons())


def test_an_instance_of_its_own_has_its_subnets_and_parameters(stack: StackOf) -> None:
    """All of them are named by Ref; parameters that change are set in the same group."""
    subnets = make_subnets(stack.client, "ab")

    def resources(slow: str) -> dict[str, Any]:
        return {
            "Subnets": rds("DBSubnetGroup", DBSubnetGroupDescription="d", SubnetIds=subnets),
            "Parameters": rds(
                "DBParameterGroup", Description="d", Family="postgres17", Parameters={"log_min_duration": slow}
            ),
            "Database": rds(
                "DBInstance",
                Engine="postgres",
                DBInstanceClass="db.t4g.micro",
                AllocatedStorage="20",
                MasterUsername="owner",
                MasterUserPassword=WORD,
                DBName="shop",
                DBSubnetGroupName={"Ref": "Subnets"},
                DBParameterGroupName={"Ref": "Parameters"},
            ),
        }

    stack.deploy(resources("100"))
    group = stack.id_of("Parameters")
    stack.deploy(resources("200"))
    api = stack.client("rds")
    (found,) = api.describe_db_instances()["DBInstances"]
    values = {
        item["ParameterName"]: item["ParameterValue"]
        for item in api.describe_db_parameters(DBParameterGroupName=group)["Parameters"]
    }

    assert found["DBSubnetGroup"]["DBSubnetGroupName"] == stack.id_of("Subnets")
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == group == stack.id_of("Parameters")
    assert (found["AllocatedStorage"], found["Endpoint"]["Port"]) == (20, 5432)
    assert values == {"log_min_duration": "200"}


def test_parameters_of_a_cluster_and_tags_follow_the_template(stack: StackOf) -> None:
    """A cluster has a group of its own kind."""

    def resources(value: str) -> dict[str, Any]:
        parameters = {"rds.force_ssl": value}
        return {
            "Group": rds(
                "DBClusterParameterGroup", Description="d", Family="aurora-postgresql17", Parameters=parameters
            ),
            "Cluster": cluster(DBClusterParameterGroupName={"Ref": "Group"}, Tags=[{"Key": "ssl", "Value": value}]),
        }

    stack.deploy(resources("0"))
    stack.deploy(resources("1"))
    api = stack.client("rds")
    (found,) = api.describe_db_clusters()["DBClusters"]
    held = api.describe_db_cluster_parameters(DBClusterParameterGroupName=stack.id_of("Group"))["Parameters"]

    assert found["DBClusterParameterGroup"] == stack.id_of("Group")
    assert [item["ParameterValue"] for item in held if item["ParameterName"] == "rds.force_ssl"] == ["1"]
    assert [tag["Value"] for tag in found["TagList"] if tag["Key"] == "ssl"] == ["1"]


def test_the_secret_of_a_database_says_where_it_is(stack: StackOf) -> None:
    """As the constructs of the CDK attach it."""
    generated = {"SecretStringTemplate": json.dumps({"username": "owner"}), "GenerateStringKey": "password"}
    reference = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]}
    made = cluster()
    made["Properties"]["MasterUserPassword"] = reference
    attached = {"SecretId": {"Ref": "Secret"}, "TargetId": {"Ref": "Cluster"}, "TargetType": "AWS::RDS::DBCluster"}
    stack.deploy(
        {
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"GenerateSecretString": {**generated, "ExcludeCharacters": "\"@/\\ '"}},
            },
            "Cluster": made,
            "Attachment": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": attached},
        }
    )
    held = stack.client("secretsmanager").get_secret_value(SecretId=stack.id_of("Secret"))["SecretString"]
    said = json.loads(held)

    assert (said["engine"], said["port"], said["dbname"]) == ("postgres", 5433, "shop")
    assert said["host"].endswith(".rds.invalid")


def test_a_rotation_that_aws_hosts_is_refused(stack: StackOf) -> None:
    """Nobody would rotate the secret, and the stack would look as if somebody did."""
    rotation = {"SecretId": {"Ref": "Secret"}, "HostedRotationLambda": {"RotationType": "PostgreSQLSingleUser"}}
    ended = stack.attempt(
        {
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
            "Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": rotation},
        }
    )

    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Name a function of yours as RotationLambdaARN" in reason for reason in stack.reasons())
