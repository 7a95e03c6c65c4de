"""An account inside this process: moto, completed by the kit, without engines and without a network.

Everything that is asked for is done when the call returns.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto import mock_aws

from elasticache_kit.emulator import moto_seam
from elasticache_kit.ops import session

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

REGION = "us-east-1"
MISLEADING = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_REGION", "AWS_DEFAULT_REGION")


@contextmanager
def completed() -> Generator[None]:
    """Put an empty account, with the kit's completion of moto, behind boto3 until the block ends."""
    kept = {name: os.environ.pop(name) for name in MISLEADING if name in os.environ}
    try:
        with mock_aws():
            undo = moto_seam.install()
            try:
                yield
            finally:
                undo()
    finally:
        os.environ.update(kept)


def connect(region: str = REGION) -> Session:
    """Connect as a command does."""
    return session.connect(region=region)


def make_group(api: Session, name: str = "orders", **request: Any) -> str:
    """Make a group of a primary and a replica; arguments override or add, None leaves out."""
    wanted = {
        "ReplicationGroupId": name,
        "ReplicationGroupDescription": "of a test",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.m7g.large",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": False,
        **request,
    }
    client: Any = api.act
    client.create_replication_group(**{key: value for key, value in wanted.items() if value is not None})
    return name


def make_sharded(api: Session, name: str = "orders", count: int = 2, **request: Any) -> str:
    """Make a group with cluster mode enabled."""
    return make_group(
        api,
        name,
        **{
            "NumCacheClusters": None,
            "NumNodeGroups": count,
            "ReplicasPerNodeGroup": 1,
            "CacheParameterGroupName": "default.valkey8.cluster.on",
            **request,
        },
    )
