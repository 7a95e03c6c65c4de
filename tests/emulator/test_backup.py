"""The state machine of a backup: deployed by a stack, started by hand and by its schedule, run by the emulator."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_scheduler as scheduler

from elasticache_kit.cdk import ScheduledBackup, ShardedReplicationGroup
from elasticache_kit.cdk.export_bucket import ExportBucket
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.account import Deployed

RETAINED = 2


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Two backups of a group in cluster mode: one that exports, and one that does not."""
    made = Stack(App(outdir=str(tmp_path_factory.mktemp("assembly") / "cdk.out")), "backup")
    cache = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        made, "Orders", replication_group_id="orders"
    )
    daily = scheduler.ScheduleExpression.cron(minute="0", hour="3")
    for name, bucket in (("Plain", None), ("Exported", ExportBucket(made, "Bucket"))):
        backup = ScheduledBackup(
            made, name, cache=cache, schedule=daily, retained_snapshots=RETAINED, export_bucket=bucket
        )
        CfnOutput(made, f"{name}Machine", value=backup.state_machine.state_machine_arn)
    return made


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with engines, and the group `orders` with a key."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client, NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=0, MultiAZEnabled=False)
        available(client("elasticache"))
        yield running


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, stack: Stack) -> Deployed:
    """The stack that backs the group up, beside it."""
    return LocalAccount(emulator).deploy(stack)


def start(deployed: Deployed, name: str) -> str:
    """Start the state machine of a backup and return the ARN of the execution."""
    machine = deployed.outputs[f"{name}Machine"]
    return deployed.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]


def ended(deployed: Deployed, execution: str) -> dict[str, Any]:
    """Wait for the end of an execution and describe it."""
    api = deployed.client("stepfunctions")
    return until(
        lambda: api.describe_execution(executionArn=execution), lambda described: described["status"] != "RUNNING"
    )


def snapshots(deployed: Deployed) -> list[str]:
    """Name the snapshots of the group."""
    found = deployed.client("elasticache").describe_snapshots(ReplicationGroupId="orders")["Snapshots"]
    return sorted(item["SnapshotName"] for item in found)


def test_without_engines_there_is_nothing_to_export(control_plane: Emulator, client: Client, stack: Stack) -> None:
    """A snapshot holds no data then: the execution fails with the service's error, which is what its alarm looks at.

    It comes first in this file: one emulator runs in a process, and that of the others stays to their end.
    """
    make_subnet_group(client, make_subnets(client, "abc"))
    make_group(client, NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    available(client("elasticache"))
    alone = LocalAccount(control_plane).deploy(stack)

    described = ended(alone, start(alone, "Exported"))

    assert (described["status"], described["error"]) == (
        "FAILED",
        "ElastiCache.InvalidParameterCombinationException",
    )
    assert len(snapshots(alone)) == 1
    events = alone.client("stepfunctions").get_execution_history(executionArn=described["executionArn"])["events"]
    assert events[-1]["executionFailedEventDetails"]["error"] == described["error"]


@pytest.mark.engine
def test_an_execution_takes_a_snapshot_and_copies_it_to_the_bucket(deployed: Deployed) -> None:
    """StartExecution runs the definition as it is deployed: the bucket has a file of each node group afterwards."""
    described = ended(deployed, start(deployed, "Exported"))

    assert described["status"] == "SUCCEEDED", described
    name = json.loads(described["output"])["SnapshotName"]
    assert name in snapshots(deployed)
    made = set(deployed.physical_ids.values())
    (bucket,) = [item["Name"] for item in deployed.client("s3").list_buckets()["Buckets"] if item["Name"] in made]
    files = deployed.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert sorted(item["Key"] for item in files) == [f"{name}-0001.rdb", f"{name}-0002.rdb"]


@pytest.mark.engine
def test_its_history_tells_the_states(deployed: Deployed) -> None:
    """Beginning, each state, end."""
    execution = start(deployed, "Plain")
    ended(deployed, execution)

    events = deployed.client("stepfunctions").get_execution_history(executionArn=execution)["events"]

    assert [events[0]["type"], events[-1]["type"]] == ["ExecutionStarted", "ExecutionSucceeded"]
    names = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
    assert names[0] == "NameSnapshot"
    assert names[-1] == "DeleteOldest"


@pytest.mark.engine
def test_the_schedule_starts_it_each_night_and_the_oldest_snapshots_go(deployed: Deployed, emulator: Emulator) -> None:
    """Four nights by the clock of the emulator: as many snapshots stay as the backup retains, the latest ones."""
    api = deployed.client("stepfunctions")
    machine = deployed.outputs["PlainMachine"]
    by_hand = len(api.list_executions(stateMachineArn=machine)["executions"])
    begun = emulator.clock.now()

    emulator.clock.advance(dt.timedelta(days=4))
    deployed.client("elasticache").describe_snapshots()

    executions = until(
        lambda: api.list_executions(stateMachineArn=machine)["executions"],
        lambda found: len(found) == by_hand + 4 and all(item["status"] != "RUNNING" for item in found),
        60,
    )
    assert {item["status"] for item in executions} == {"SUCCEEDED"}
    outputs = [json.loads(ended(deployed, item["executionArn"])["output"]) for item in executions]
    taken = sorted(item["SnapshotName"] for item in outputs)
    first = begun.replace(hour=3, minute=0, second=0, microsecond=0)
    first = first if first > begun else first + dt.timedelta(days=1)
    nights = [f"{first + dt.timedelta(days=day):%Y%m%d%H%M%S}" for day in range(4)]
    assert [name[-14:] for name in taken[-4:]] == nights
    assert set(taken) & set(snapshots(deployed)) == set(taken[-RETAINED:])
