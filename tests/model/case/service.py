"""What the API of ElastiCache lists, and the rule that looks at it: enumerations and patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from elasticache_kit.model.replication_group import NodeGroupSpec
from elasticache_kit.model.user import AuthenticationModeSpec
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case
from tests.model.case.replication_group_option import SLOW_LOG as LOG

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject

# Of each enumeration of the API the rule that refuses other values, and how a spec gets one.
ENUMERATIONS: dict[str, list[tuple[str, Subject, Callable[[str], Any]]]] = {
    "AZMode": [("mc-az-mode", "cache_cluster", lambda it: replace(cache_cluster_case.CLUSTER, az_mode=it))],
    "ClusterMode": [
        (
            "rg-cluster-mode-values",
            "replication_group",
            lambda it: replace(replication_group_case.GROUP, cluster_mode=it),
        )
    ],
    "ConnectionType": [
        (
            "sl-connection-values",
            "serverless_cache",
            lambda it: replace(serverless_cache_case.CACHE, connection_type=it),
        )
    ],
    "DataStorageUnit": [("sl-storage-unit", "serverless_cache", lambda it: serverless_cache_case.storage(0, 1, it))],
    "DestinationType": [
        (
            "rg-log-shape",
            "replication_group",
            lambda it: replace(
                replication_group_case.GROUP, log_delivery_configurations=(replace(LOG, destination_type=it),)
            ),
        )
    ],
    "Durability": [
        ("rg-durability-values", "replication_group", lambda it: replace(replication_group_case.GROUP, durability=it))
    ],
    "InputAuthenticationType": [
        (
            "user-auth-given",
            "user",
            lambda it: replace(user_case.USER, authentication_mode=AuthenticationModeSpec(type=it)),
        )
    ],
    "IpDiscovery": [
        ("rg-network-values", "replication_group", lambda it: replace(replication_group_case.GROUP, ip_discovery=it)),
        ("mc-network-values", "cache_cluster", lambda it: replace(cache_cluster_case.CLUSTER, ip_discovery=it)),
    ],
    "LogFormat": [
        (
            "rg-log-shape",
            "replication_group",
            lambda it: replace(
                replication_group_case.GROUP, log_delivery_configurations=(replace(LOG, log_format=it),)
            ),
        )
    ],
    "LogType": [
        (
            "rg-log-shape",
            "replication_group",
            lambda it: replace(replication_group_case.GROUP, log_delivery_configurations=(replace(LOG, log_type=it),)),
        )
    ],
    "NetworkType": [
        ("rg-network-values", "replication_group", lambda it: replace(replication_group_case.GROUP, network_type=it)),
        ("mc-network-values", "cache_cluster", lambda it: replace(cache_cluster_case.CLUSTER, network_type=it)),
        ("sl-network-type", "serverless_cache", lambda it: replace(serverless_cache_case.CACHE, network_type=it)),
    ],
    "TransitEncryptionMode": [
        (
            "rg-tls-mode-values",
            "replication_group",
            lambda it: replace(replication_group_case.GROUP, transit_encryption_mode=it),
        )
    ],
}
# Enumerations of answers, of operations that no template asks for, and of Outposts, which CloudFormation does not have.
NOT_IN_TEMPLATES = {
    "AuthTokenUpdateStatus",
    "AuthTokenUpdateStrategyType",
    "AuthenticationType",
    "AutomaticFailoverStatus",
    "ChangeType",
    "DataTieringStatus",
    "EffectiveDurability",
    "IntegrationStatus",
    "IntegrationType",
    "LogDeliveryConfigurationStatus",
    "MultiAZStatus",
    "NodeUpdateInitiatedBy",
    "NodeUpdateStatus",
    "OutpostMode",
    "PendingAutomaticFailoverStatus",
    "ServiceUpdateSeverity",
    "ServiceUpdateStatus",
    "ServiceUpdateType",
    "SlaMet",
    "SourceType",
    "StorageEncryptionType",
    "TlsMode",
    "UpdateActionStatus",
}
# The patterns of the API as they were when the rules of names were written, and the rule that each of them is part of.
PATTERNS: dict[str, tuple[str, str, Subject, Callable[[str], Any]]] = {
    "AllowedNodeGroupId": (
        r"\d+",
        "rg-ngc-id",
        "replication_group",
        lambda it: replication_group_case.shards(NodeGroupSpec(node_group_id=it[:4])),
    ),
    "UserGroupId": (
        r"[a-zA-Z][a-zA-Z0-9\-]*",
        "usergroup-id",
        "user_group",
        lambda it: replace(user_group_case.USER_GROUP, user_group_id=it[:40]),
    ),
    "UserId": (r"[a-zA-Z][a-zA-Z0-9\-]*", "user-id", "user", lambda it: replace(user_case.USER, user_id=it)),
}
# They only ask for a text that is not empty, or are of no property.
OTHER_PATTERNS = {
    "AccessString": r".*\S.*",
    "EngineType": "[a-zA-Z]*",
    "FilterName": r".*\S.*",
    "FilterValue": r".*\S.*",
}
