"""ServerlessCacheSnapshot."""

from __future__ import annotations

import pytest
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.serverless.snapshot import IServerlessCacheSnapshot, ServerlessCacheSnapshot
from elasticache_kit.errors import ValidationError
from tests.cdk.linted import linted, only

TYPE = "AWS::ElastiCache::ServerlessCacheSnapshot"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"


def test_of_a_cache_that_is_made_here(stack: Stack, vpc: ec2.Vpc) -> None:
    """The snapshot waits for the cache, has a name of its path, and is kept."""
    cache = ServerlessCache(stack, "Cache", vpc=vpc)
    snapshot = ServerlessCacheSnapshot(stack, "Snapshot", serverless_cache=cache)
    resource = only(linted(stack), TYPE)

    assert isinstance(snapshot, IServerlessCacheSnapshot)
    assert resource["Properties"] == {
        "ServerlessCacheName": {"Ref": "Cache18F6EE16"},
        "ServerlessCacheSnapshotName": snapshot.serverless_cache_snapshot_name,
    }
    assert snapshot.serverless_cache_snapshot_name.startswith("stack-snapshot-")
    assert stack.resolve(snapshot.serverless_cache_snapshot_arn)["Fn::GetAtt"][1] == "ARN"
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_of_a_cache_that_is_imported(stack: Stack) -> None:
    """Every option arrives, and the name in lower case."""
    cache = ServerlessCache.from_serverless_cache_attributes(stack, "Cache", serverless_cache_name="orders")
    ServerlessCacheSnapshot(
        stack,
        "Snapshot",
        serverless_cache=cache,
        serverless_cache_snapshot_name="Orders-2026",
        kms_key=kms.Key.from_key_arn(stack, "Key", KEY),
        tags={"team": "orders"},
        removal_policy=RemovalPolicy.DESTROY,
    )
    resource = only(linted(stack), TYPE)

    assert resource["Properties"] == {
        "ServerlessCacheName": "orders",
        "ServerlessCacheSnapshotName": "orders-2026",
        "KmsKeyId": KEY,
        "Tags": [{"Key": "team", "Value": "orders"}],
    }
    assert resource["DeletionPolicy"] == "Delete"


def test_imported(stack: Stack, vpc: ec2.Vpc) -> None:
    """A new cache starts from an imported snapshot."""
    arn = "arn:aws:elasticache:eu-west-1:123456789012:serverlesscachesnapshot:orders-2026"
    snapshot = ServerlessCacheSnapshot.from_serverless_cache_snapshot_arn(stack, "Snapshot", arn)
    ServerlessCache(stack, "Cache", vpc=vpc, snapshot_arns_to_restore=[snapshot.serverless_cache_snapshot_arn])
    template = linted(stack)

    assert snapshot.serverless_cache_snapshot_name == "orders-2026"
    assert only(template, "AWS::ElastiCache::ServerlessCache")["Properties"]["SnapshotArnsToRestore"] == [arn]
    assert not template.find_resources(TYPE)


def test_a_wrong_name(stack: Stack) -> None:
    """The rulebook is asked before jsii is called."""
    cache = ServerlessCache.from_serverless_cache_attributes(stack, "Cache", serverless_cache_name="orders")
    with pytest.raises(ValidationError, match="sl-snapshot-resource"):
        ServerlessCacheSnapshot(stack, "Snapshot", serverless_cache=cache, serverless_cache_snapshot_name="a--b")
    assert stack.node.try_find_child("Snapshot") is None
