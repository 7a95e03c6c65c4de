"""AWS FIS of a local ElastiCache."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import boto3

from elasticache_kit.ops.experiment import ACTION
from tests.cli.local import KEYS, REGION

if TYPE_CHECKING:
    from tests.cli.local import Local


def fis(local: Local) -> Any:
    """Return a client of FIS."""
    client: Any = boto3.client
    return client(
        "fis",
        endpoint_url=local.emulator.endpoint_url,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def template(local: Local, zone: str, name: str, duration: str = "PT10M") -> str:
    """Make an experiment template for a group with the tag `drill`, and return its id."""
    made = fis(local).create_experiment_template(
        clientToken=secrets.token_hex(8),
        description="takes the power",
        roleArn="arn:aws:iam::123456789012:role/fis",
        stopConditions=[{"source": "none"}],
        targets={
            "groups": {
                "resourceType": "aws:elasticache:replicationgroup",
                "resourceTags": {"drill": name},
                "selectionMode": "ALL",
                "parameters": {"availabilityZoneIdentifier": zone},
            }
        },
        actions={
            "power": {
                "actionId": ACTION,
                "parameters": {"duration": duration},
                "targets": {"ReplicationGroups": "groups"},
            }
        },
    )
    return str(made["experimentTemplate"]["id"])
