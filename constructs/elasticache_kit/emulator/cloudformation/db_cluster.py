"""AWS::RDS::DBCluster and AWS::RDS::DBInstance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel
from moto.rds.models import DBInstance as StockInstance

from elasticache_kit.emulator.cloudformation.relational_database import RelationalDatabaseResource

LONGEST_IDENTIFIER = 63


class DBClusterResource(RelationalDatabaseResource, CloudFormationModel):
    """A cluster of Aurora, or a Multi-AZ cluster; see `provision_database` for what answers at its endpoints."""

    CREATE, MODIFY, DELETE = "CreateDBCluster", "ModifyDBCluster", "DeleteDBCluster"
    DESCRIBE, FOUND = "DescribeDBClusters", "DBCluster"
    NAME, ARN = "DBClusterIdentifier", "DBClusterArn"
    LONGEST_NAME = LONGEST_IDENTIFIER
    REPLACED_BY = frozenset(
        {
            "AvailabilityZones",
            "ClusterScalabilityType",
            "DBClusterIdentifier",
            "DBSubnetGroupName",
            "DBSystemId",
            "DatabaseName",
            "Engine",
            "EngineMode",
            "KmsKeyId",
            "MasterUsername",
            "PubliclyAccessible",
            "StorageEncrypted",
        }
    )
    COPIES = frozenset({"SnapshotIdentifier", "SourceDBClusterIdentifier", "SourceDbClusterResourceId"})
    # No final snapshot: it would be a record without the data that one asks for it.
    ON_DELETE: ClassVar[Mapping[str, Any]] = {"SkipFinalSnapshot": True}
    MEMBERS: ClassVar[Mapping[str, str]] = {"PerformanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId"}
    PATHS: ClassVar[Mapping[str, str]] = {
        "DBClusterArn": "DBClusterArn",
        "DBClusterResourceId": "DbClusterResourceId",
        "Endpoint.Address": "Endpoint",
        "Endpoint.Port": "Port",
        "MasterUserSecret.SecretArn": "MasterUserSecret.SecretArn",
        "ReadEndpoint.Address": "ReaderEndpoint",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::RDS::DBCluster"


class DBInstanceResource(RelationalDatabaseResource, CloudFormationModel):
    """An instance, of its own or of a cluster."""

    CREATE, MODIFY, DELETE = "CreateDBInstance", "ModifyDBInstance", "DeleteDBInstance"
    DESCRIBE, FOUND = "DescribeDBInstances", "DBInstance"
    NAME, ARN = "DBInstanceIdentifier", "DBInstanceArn"
    LONGEST_NAME = LONGEST_IDENTIFIER
    REPLACED_BY = frozenset(
        {
            "AvailabilityZone",
            "BackupTarget",
            "CharacterSetName",
            "CustomIAMInstanceProfile",
            "DBClusterIdentifier",
            "DBInstanceIdentifier",
            "DBName",
            "DBSubnetGroupName",
            "DBSystemId",
            "Engine",
            "KmsKeyId",
            "MasterUsername",
            "NcharCharacterSetName",
            "StorageEncrypted",
            "Timezone",
        }
    )
    COPIES = frozenset(
        {
            "DBClusterSnapshotIdentifier",
            "DBSnapshotIdentifier",
            "SourceDBClusterIdentifier",
            "SourceDBInstanceAutomatedBackupsArn",
            "SourceDBInstanceIdentifier",
            "SourceDbiResourceId",
        }
    )
    ON_DELETE: ClassVar[Mapping[str, Any]] = {"SkipFinalSnapshot": True}
    MEMBERS: ClassVar[Mapping[str, str]] = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
    PATHS: ClassVar[Mapping[str, str]] = {
        "DBInstanceArn": "DBInstanceArn",
        "DbiResourceId": "DbiResourceId",
        "Endpoint.Address": "Endpoint.Address",
        "Endpoint.HostedZoneId": "Endpoint.HostedZoneId",
        "Endpoint.Port": "Endpoint.Port",
        "MasterUserSecret.SecretArn": "MasterUserSecret.SecretArn",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        # Named by moto's own class, which must be there before ours: of two classes of one type moto takes the later.
        return StockInstance.cloudformation_type()
