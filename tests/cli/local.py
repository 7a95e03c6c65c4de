"""The command in a process of its own, in front of a local ElastiCache."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

    from elasticache_kit.emulator.server import Emulator

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def environment(**more: str) -> dict[str, str]:
    """Return an environment without the AWS settings of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ELASTICACHE_KIT_"))}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "PYTHONUNBUFFERED": "1", **more}


def command(*words: str) -> list[str]:
    """Return how the command is started."""
    return [sys.executable, "-m", "elasticache_kit.cli", *words]


@dataclass
class Local:
    """A local ElastiCache that commands work on.

    Args:
        emulator: what serves it.
        folder: where it keeps its files.
        state: where drills write down what they change; beside those files when omitted, and never at home.
    """

    emulator: Emulator
    folder: Path
    state: Path | None = None
    processes: list[subprocess.Popen[str]] = field(default_factory=list["subprocess.Popen[str]"])

    _subnet_group: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a user sets to work on it."""
        ledger = str(self.folder / "failovers.jsonl")
        where = {"AWS_ENDPOINT_URL": self.emulator.endpoint_url, "AWS_REGION": REGION}
        state = self.state or self.folder / "state"
        return environment(**where, **KEYS, ELASTICACHE_KIT_LEDGER=ledger, XDG_STATE_HOME=str(state))

    @property
    def client(self) -> ElastiCacheClient:
        """A client of its API."""
        return self.service("elasticache")

    def service(self, name: Any, region: str = REGION) -> Any:
        """Return a client of another service, or of another Region."""
        return boto3.client(
            name,
            endpoint_url=self.emulator.endpoint_url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret: it never leaves this machine
        )

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, with more in its environment if need be."""
        return subprocess.run(
            command(*words),
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.folder,
        )

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start the command, with more in its environment if need be; it is ended with the test at the latest."""
        process = subprocess.Popen(
            command(*words),
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )
        self.processes.append(process)
        return process

    def subnet_group(self) -> str:
        """Return a subnet group, which TLS needs; it is made once."""
        if self._subnet_group:
            return self._subnet_group
        ec2 = self.service("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for n, zone in enumerate("ab")
        ]
        self.client.create_cache_subnet_group(
            CacheSubnetGroupName="drills",
            CacheSubnetGroupDescription="for drills",
            SubnetIds=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
        )
        self._subnet_group = "drills"
        return self._subnet_group

    def group(self, name: str, **more: Any) -> str:
        """Make a replication group of a primary and a replica, and wait until it is available."""
        wanted: dict[str, Any] = {
            "ReplicationGroupDescription": "for drills",
            "Engine": "valkey",
            "CacheNodeType": "cache.t4g.micro",
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": False,
            **({} if "NumNodeGroups" in more else {"NumCacheClusters": 2}),
            **more,
        }
        self.client.create_replication_group(ReplicationGroupId=name, **wanted)
        for _ in range(600):
            record = self.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
            if record.get("Status") == "available":
                return name
            time.sleep(0.05)
        pytest.fail(f"{name} did not become available")
