"""The state machine of a backup: deployed by a stack, and run as it stands against the ElastiCache of the emulator.

moto's interpreter of Amazon States Language hands JSONata to a Java library that it does not bring, so the small one of
the tests of the constructs runs it, with the real API behind every state.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_scheduler as scheduler
from botocore import xform_name
from botocore.exceptions import ClientError

from elasticache_kit.cdk import ScheduledBackup, ShardedReplicationGroup
from elasticache_kit.cdk.export_bucket import ExportBucket
from elasticache_kit.emulator.account import LocalAccount
from tests.cdk.amazon_states import ApiError, Execution, ExecutionFailed
from tests.emulator.wire import Client, available, make_group, make_subnet_group, make_subnets

if TYPE_CHECKING:
    from elasticache_kit.emulator.account import Deployed
    from elasticache_kit.emulator.server import Emulator

RETAINED = 2
DAYS = ("2026-11-23T03:00:07.123Z", "2026-11-24T03:00:08.123Z", "2026-11-25T03:00:09.123Z")


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


@pytest.fixture
def deployed(control_plane: Emulator, client: Client, stack: Stack) -> Deployed:
    """The group, and the stack that backs it up."""
    make_subnet_group(client, make_subnets(client, "abc"))
    make_group(client, NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    available(client("elasticache"))
    return LocalAccount(control_plane).deploy(stack)


def run(deployed: Deployed, name: str, started: str) -> Any:
    """Run a state machine as it is deployed, every call over the wire, and return its output."""
    machine = deployed.client("stepfunctions").describe_state_machine(
        stateMachineArn=deployed.outputs[f"{name}Machine"]
    )

    def call(service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        api = deployed.client(service)
        try:
            answer: dict[str, Any] = getattr(api, xform_name(operation))(**arguments)
        except ClientError as error:
            # As Step Functions names an error: as the SDK for Java does, else after the service.
            known = type(error).__name__
            label = {"elasticache": "ElastiCache", "s3": "S3"}[service]
            said = label if known == "ClientError" else known.removesuffix("Fault").removesuffix("Exception")
            raise ApiError(f"{label}.{said}Exception") from error
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    return Execution(json.loads(machine["definition"]), call, started).run()


def snapshots(client: Client) -> list[str]:
    """Name the snapshots of the group."""
    found = client("elasticache").describe_snapshots(ReplicationGroupId="orders")["Snapshots"]
    return sorted(item["SnapshotName"] for item in found)


def test_a_backup_takes_a_snapshot_and_keeps_the_latest(deployed: Deployed, client: Client) -> None:
    """Three nights: each snapshot is taken and waited for, and the oldest goes with the third."""
    taken = [run(deployed, "Plain", day) for day in DAYS]

    names = [item["SnapshotName"] for item in taken]
    assert [item["Deleted"] for item in taken] == [[], [], names[:1]]
    assert snapshots(client) == names[1:]
    assert [name[-14:] for name in names] == ["20261123030007", "20261124030008", "20261125030009"]


def test_a_backup_that_exports_fails_where_there_is_nothing_to_export(deployed: Deployed, client: Client) -> None:
    """Without engines a snapshot holds no data: the execution fails, which is what its alarm looks at."""
    with pytest.raises(ExecutionFailed, match="InvalidParameterCombination"):
        run(deployed, "Exported", DAYS[0])

    assert len(snapshots(client)) == 1


def test_its_schedule_starts_the_state_machine(deployed: Deployed) -> None:
    """Each night, by the role of the schedule."""
    api = deployed.client("scheduler")
    schedules = [api.get_schedule(Name=item["Name"]) for item in api.list_schedules()["Schedules"]]

    assert {item["Target"]["Arn"] for item in schedules} == {
        deployed.outputs["PlainMachine"],
        deployed.outputs["ExportedMachine"],
    }
    assert {item["ScheduleExpression"] for item in schedules} == {"cron(0 3 * * ? *)"}
