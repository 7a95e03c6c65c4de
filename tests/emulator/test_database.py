"""Databases of RDS with a PostgreSQL behind them: what its API says, the process does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.fleet.postgresql.binary import VARIABLE
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.test_lambda_function import zipped
from tests.emulator.wire import code

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine

GENERATED = {
    "SecretStringTemplate": json.dumps({"username": "owner"}),
    "GenerateStringKey": "password",
    "ExcludeCharacters": "\"@/\\ '",
}
TEMPLATE = {
    "Resources": {
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": GENERATED}},
        "Cluster": {
            "Type": "AWS::RDS::DBCluster",
            "Properties": {
                "Engine": "aurora-postgresql",
                "EngineVersion": "17.7",
                "DatabaseName": "shop",
                "MasterUsername": "owner",
                "MasterUserPassword": {
                    "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]
                },
            },
        },
        "Writer": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "Engine": "aurora-postgresql",
                "DBClusterIdentifier": {"Ref": "Cluster"},
                "DBInstanceClass": "db.serverless",
            },
        },
        "Attachment": {
            "Type": "AWS::SecretsManager::SecretTargetAttachment",
            "Properties": {
                "SecretId": {"Ref": "Secret"},
                "TargetId": {"Ref": "Cluster"},
                "TargetType": "AWS::RDS::DBCluster",
            },
        },
    }
}
# A rotation as AWS's own for one user: the last but one step lets the new password in, the third tries it.
ROTATES = """
import boto3, json, secrets

def handler(event, context):
    api, step = boto3.client("secretsmanager"), event["Step"]
    chosen = {"SecretId": event["SecretId"], "VersionId": event["ClientRequestToken"]}
    current = json.loads(api.get_secret_value(SecretId=event["SecretId"])["SecretString"])
    if step == "createSecret":
        text = json.dumps({**current, "password": secrets.token_urlsafe(20)})
        api.put_secret_value(SecretId=event["SecretId"], ClientRequestToken=event["ClientRequestToken"],
                             SecretString=text, VersionStages=["AWSPENDING"])
    elif step == "setSecret":
        pending = json.loads(api.get_secret_value(VersionStage="AWSPENDING", **chosen)["SecretString"])
        boto3.client("rds").modify_db_cluster(DBClusterIdentifier=pending["dbClusterIdentifier"],
                                              MasterUserPassword=pending["password"], ApplyImmediately=True)
    elif step == "finishSecret":
        versions = api.describe_secret(SecretId=event["SecretId"])["VersionIdsToStages"]
        before = next(name for name, stages in versions.items() if "AWSCURRENT" in stages)
        api.update_secret_version_stage(SecretId=event["SecretId"], VersionStage="AWSCURRENT",
                                        MoveToVersionId=event["ClientRequestToken"], RemoveFromVersionId=before)
"""


class Site:
    """An emulator over a directory, in which a stack has a database."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.account = LocalAccount(emulator)
        self.rds = self.account.client("rds")
        self.deployed = self.account.deploy(TEMPLATE, name="shop")

    @property
    def cluster(self) -> str:
        """The name of the cluster."""
        return self.deployed.physical_ids["Cluster"]

    def secret(self) -> dict[str, Any]:
        """Read the secret, as an application does."""
        api = self.account.client("secretsmanager")
        return json.loads(api.get_secret_value(SecretId=self.deployed.physical_ids["Secret"])["SecretString"])

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Connect with the secret."""
        said = self.secret()
        assert self.emulator.fleet is not None
        known: dict[str, Any] = {
            "host": said["host"],
            "port": said["port"],
            "user": said["username"],
            "password": said["password"],
            "dbname": said["dbname"],
            "sslmode": "verify-full",
            "sslrootcert": str(self.emulator.fleet.ca_file),
            **options,
        }
        return psycopg.connect(autocommit=True, **known)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the emulator keeps its state."""
    return tmp_path_factory.mktemp("emulator")


@pytest.fixture(scope="module")
def site(directory: Path) -> Iterator[Site]:
    """One for all tests."""
    with Emulator(directory, timing=INSTANT, keep=True) as emulator:
        yield Site(emulator)


def test_the_secret_of_a_stack_opens_its_database(site: Site) -> None:
    """The endpoints of cluster and instance lead there, and the API says nothing else than CloudFormation."""
    (cluster,) = site.rds.describe_db_clusters()["DBClusters"]
    (instance,) = site.rds.describe_db_instances()["DBInstances"]
    with site.connect() as sql:
        row = sql.execute("SELECT current_user, current_database()").fetchone()

    (said,) = site.emulator.capability["engines"].values()

    assert row == ("owner", "shop")
    assert said["asked"] == "postgresql 17.7"
    assert said["running"].startswith("postgresql ")
    assert cluster["Endpoint"] == cluster["ReaderEndpoint"] == instance["Endpoint"]["Address"] == site.secret()["host"]


def test_a_rotation_lets_the_new_password_in(site: Site) -> None:
    """Secrets Manager's four steps; after them the password of before is wrong."""
    api, before = site.account.client("lambda"), site.secret()
    role = site.account.client("iam").create_role(RoleName="rotates", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    function = api.create_function(
        FunctionName="rotates",
        Runtime="python3.13",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": zipped(ROTATES)},
        Timeout=60,
    )
    site.account.client("secretsmanager").rotate_secret(
        SecretId=site.deployed.physical_ids["Secret"], RotationLambdaARN=function["FunctionArn"]
    )

    assert site.secret()["password"] != before["password"]
    site.connect().close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        site.connect(password=before["password"])


def test_a_cluster_that_is_stopped_answers_nobody_and_keeps_its_data(site: Site) -> None:
    """Until it is started."""
    with site.connect() as sql:
        sql.execute("CREATE TABLE kept (id int)")
    site.rds.stop_db_cluster(DBClusterIdentifier=site.cluster)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        site.connect()
    site.rds.start_db_cluster(DBClusterIdentifier=site.cluster)

    with site.connect() as sql:
        assert sql.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_all_that_a_server_has_is_in_its_folder(site: Site, directory: Path) -> None:
    """So that nothing of it is left where it is killed."""
    with site.connect() as sql:
        row = sql.execute("SHOW dynamic_shared_memory_type").fetchone()

    assert row == ("mmap",)
    assert [path.name for path in directory.rglob("pg_dynshmem/mmap.*")]


def test_a_parameter_says_whether_clients_need_tls(site: Site) -> None:
    """rds.force_ssl; the versions of today ask for TLS where it says nothing."""
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        site.connect(sslmode="disable")
    name = {"DBClusterParameterGroupName": "loose"}
    site.rds.create_db_cluster_parameter_group(**name, DBParameterGroupFamily="aurora-postgresql17", Description="d")
    site.rds.modify_db_cluster(DBClusterIdentifier=site.cluster, **name)
    off = [{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}]
    site.rds.modify_db_cluster_parameter_group(**name, Parameters=off)

    site.connect(sslmode="disable").close()


def test_rds_may_keep_the_password_itself(site: Site) -> None:
    """ManageMasterUserPassword: a secret of RDS's own, with a password that is good."""
    made = site.rds.modify_db_cluster(DBClusterIdentifier=site.cluster, ManageMasterUserPassword=True)
    api, arn = site.account.client("secretsmanager"), made["DBCluster"]["MasterUserSecret"]["SecretArn"]
    kept = json.loads(api.get_secret_value(SecretId=arn)["SecretString"])

    assert kept["username"] == "owner"
    site.connect(password=kept["password"]).close()
    site.rds.modify_db_cluster(
        DBClusterIdentifier=site.cluster,
        ManageMasterUserPassword=False,
        MasterUserPassword=site.secret()["password"],
    )
    site.connect().close()


def test_nothing_is_restored_and_no_name_is_taken_twice(site: Site) -> None:
    """A database that has lost its data is refused, and so is one that would take another's place."""
    site.rds.create_db_cluster_snapshot(DBClusterIdentifier=site.cluster, DBClusterSnapshotIdentifier="before")
    with pytest.raises(ClientError, match="restored would be empty") as caught:
        site.rds.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="restored", SnapshotIdentifier="before", Engine="aurora-postgresql"
        )
    assert code(caught) == "InvalidRestoreFault"
    with pytest.raises(ClientError, match="already exists"):
        site.rds.create_db_cluster(
            DBClusterIdentifier=site.cluster,
            Engine="aurora-postgresql",
            MasterUsername="owner",
            MasterUserPassword=site.secret()["password"],
        )
    assert [item["DBClusterIdentifier"] for item in site.rds.describe_db_clusters()["DBClusters"]] == [site.cluster]


def test_where_no_postgresql_is_installed_it_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do; MySQL has no process anywhere, and its endpoint says so."""
    monkeypatch.setenv(VARIABLE, "/no/such/folder")
    known: dict[str, Any] = {"MasterUsername": "owner", "MasterUserPassword": "a-long-word"}
    with pytest.raises(ClientError, match=r"elasticache-kit\[local\]"):
        site.rds.create_db_cluster(DBClusterIdentifier="lost", Engine="aurora-postgresql", **known)
    made = site.rds.create_db_cluster(DBClusterIdentifier="mysql", Engine="aurora-mysql", **known)
    site.rds.delete_db_cluster(DBClusterIdentifier="mysql", SkipFinalSnapshot=True)

    assert made["DBCluster"]["Endpoint"].endswith(".rds.invalid")
    assert [item["DBClusterIdentifier"] for item in site.rds.describe_db_clusters()["DBClusters"]] == [site.cluster]


def test_a_database_outlives_its_emulator_and_goes_with_its_stack(site: Site, directory: Path) -> None:
    """At the same address, with its data and its password; this test is the last one of the emulator."""
    host = site.secret()["host"]
    site.emulator.stop()
    with Emulator(directory, timing=INSTANT, keep=True) as emulator:
        again = object.__new__(Site)
        again.emulator, again.account, again.deployed = emulator, LocalAccount(emulator), site.deployed
        with again.connect() as sql:
            assert sql.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert again.secret()["host"] == host
        assert emulator.capability["notes"] == []
        again.account.destroy("shop")

        assert emulator.fleet is not None
        assert list((directory / "databases").iterdir()) == []
        assert emulator.fleet.pids() == ()
