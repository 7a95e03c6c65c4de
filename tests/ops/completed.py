"""An account inside this process: moto, completed by the kit, without engines and without a network.

Everything that is asked for is done when the call returns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto import mock_aws

from elasticache_kit.emulator import moto_seam
from elasticache_kit.ops import session

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

REGION = "us-east-1"
EMPTIED = frozenset({"elasticache", "s3", "secretsmanager", "cloudwatch"})
MISLEADING = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass
class World:
    """An account inside this process, which is emptied and not made anew between tests.

    Args:
        undo: takes the completion of moto away again.
        sessions: those that were made, by Region: a client costs more than most tests.
    """

    undo: Callable[[], None]
    sessions: dict[str, Session] = field(default_factory=dict[str, "Session"])

    def session(self, region: str = REGION) -> Session:
        """Connect as a command does."""
        if region not in self.sessions:
            self.sessions[region] = session.connect(region=region)
        return self.sessions[region]

    def empty(self) -> None:
        """Remove everything but what EC2 has, which would cost more than most tests."""
        for (service, _, _), backend in moto_seam.backends().items():
            if service in EMPTIED:
                backend.reset()

    @contextmanager
    def alone(self) -> Generator[Session]:
        """Have moto without the kit's completion until the block ends."""
        self.undo()
        try:
            yield self.session()
        finally:
            self.undo = moto_seam.install()


@contextmanager
def completed() -> Generator[World]:
    """Put an account, with the kit's completion of moto, behind boto3 until the block ends."""
    kept = {name: os.environ.pop(name) for name in MISLEADING if name in os.environ}
    try:
        with mock_aws():
            world = World(moto_seam.install())
            try:
                yield world
            finally:
                world.undo()
    finally:
        os.environ.update(kept)


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


def make_subnet_group(api: Session, name: str = "net") -> str:
    """Make a subnet group over two zones, which TLS needs."""
    ec2: Any = api.changing("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{api.region}{zone}")
        for n, zone in enumerate("ab")
    ]
    client: Any = api.act
    client.create_cache_subnet_group(
        CacheSubnetGroupName=name,
        CacheSubnetGroupDescription="of a test",
        SubnetIds=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
    )
    return name
