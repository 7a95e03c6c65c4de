"""Clients that make and delete resources of many services, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

NAMES = 6


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    Args:
        service: whose.
        make: makes one by its name.
        delete: deletes it.
        names: gives the names of those that exist.
    """

    service: str
    make: Callable[[Any, str], object]
    delete: Callable[[Any, str], object]
    names: Callable[[Any], set[str]]


# A machine that is busy needs longer than a hundred answers at once.
PATIENT = {"Delay": 0.02, "MaxAttempts": 3000}


def _make_group(elasticache: Any, name: str) -> None:
    elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="d",
        Engine="valkey",
        CacheNodeType="cache.t4g.small",
        TransitEncryptionEnabled=False,
    )


def _delete_when_available(elasticache: Any, name: str) -> None:
    elasticache.get_waiter("replication_group_available").wait(ReplicationGroupId=name, WaiterConfig=PATIENT)
    elasticache.delete_replication_group(ReplicationGroupId=name)
    elasticache.get_waiter("replication_group_deleted").wait(ReplicationGroupId=name, WaiterConfig=PATIENT)


TEMPLATE = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "stack"}}}}'


def _make_stack(cloudformation: Any, name: str) -> None:
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENT)


def _delete_stack(cloudformation: Any, name: str) -> None:
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=PATIENT)


def _stacks(cloudformation: Any) -> set[str]:
    found = cloudformation.describe_stacks()["Stacks"]
    return {item["StackName"] for item in found if item["StackStatus"] == "CREATE_COMPLETE"}


KINDS = (
    Kind(
        "elasticache",
        _make_group,
        _delete_when_available,
        lambda api: {item["ReplicationGroupId"] for item in api.describe_replication_groups()["ReplicationGroups"]},
    ),
    Kind(
        "elasticache",
        lambda api, name: api.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="d"
        ),
        lambda api, name: api.delete_cache_parameter_group(CacheParameterGroupName=name),
        lambda api: {
            item["CacheParameterGroupName"]
            for item in api.describe_cache_parameter_groups()["CacheParameterGroups"]
            if not item["CacheParameterGroupName"].startswith("default.")
        },
    ),
    Kind(
        "secretsmanager",
        lambda api, name: api.create_secret(Name=name, SecretString="s"),
        lambda api, name: api.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True),
        lambda api: {item["Name"] for item in api.list_secrets(MaxResults=100)["SecretList"]},
    ),
    Kind(
        "s3",
        lambda api, name: api.create_bucket(
            Bucket=f"{name}-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        ),
        lambda api, name: api.delete_bucket(Bucket=f"{name}-bucket"),
        lambda api: {item["Name"].removesuffix("-bucket") for item in api.list_buckets()["Buckets"]},
    ),
    Kind("cloudformation", _make_stack, _delete_stack, _stacks),
)


@dataclass
class Workload:
    """One client for each kind; each has names of its own, so what it was told last is what must be.

    Args:
        endpoint_url: where the emulator answers.
        seed: what the order of the requests follows from.
        known: the names that must exist, by kind; asked for at the beginning.
    """

    endpoint_url: str
    seed: int
    known: list[set[str]] = field(default_factory=list[set[str]])
    unknown: list[set[str]] = field(default_factory=list[set[str]])
    acknowledged: int = 0

    def __post_init__(self) -> None:
        self.known = [kind.names(self._client(kind)) for kind in KINDS]
        self.unknown = [set() for _ in KINDS]
        self._stopping = threading.Event()
        self._failures: list[Exception] = []
        self._threads = [threading.Thread(target=self._work, args=(place,)) for place in range(len(KINDS))]

    def start(self) -> None:
        """Send requests from now on."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Return when every client has found that nobody answers any more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def lost(self, endpoint_url: str) -> list[str]:
        """Compare what was acknowledged with what another emulator has, and name every difference."""
        differences: list[str] = []
        for place, kind in enumerate(KINDS):
            there = kind.names(self._client(kind, endpoint_url))
            wrong = (there ^ self.known[place]) - self.unknown[place]
            differences += [f"{kind.service} {name}: {'is' if name in there else 'is not'} there" for name in wrong]
        return differences

    def _work(self, place: int) -> None:
        kind, random_source = KINDS[place], random.Random(f"{self.seed} {place}")  # noqa: S311 - no secret
        client, known = self._client(kind), self.known[place]
        name = ""
        try:
            while not self._stopping.is_set():
                name = f"name-{random_source.randrange(NAMES)}"
                self.unknown[place] = {name}
                if name in known:
                    kind.delete(client, name)
                    known.discard(name)
                else:
                    kind.make(client, name)
                    known.add(name)
                self.unknown[place] = set()
                self.acknowledged += 1
        except ClientError as error:
            self._failures.append(error)
        except (BotoCoreError, ResponseParserError) as error:
            # The emulator was killed: whether it has done the last request nobody knows. A refusal is another matter.
            if "Waiter" in type(error).__name__ and "terminal failure" in str(error):
                self._failures.append(error)

    def _client(self, kind: Kind, endpoint_url: str | None = None) -> Any:
        return boto3.client(
            kind.service,
            endpoint_url=endpoint_url or self.endpoint_url,
            region_name="eu-west-1",
            aws_access_key_id="ELASTICACHEKITLOCAL0",
            aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
            config=Config(retries={"max_attempts": 1}, read_timeout=20, proxies={}),
        )
