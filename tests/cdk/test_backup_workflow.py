"""The state machine of a backup, run state by state against a small ElastiCache."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.validate import ParamValidator

from elasticache_kit.cdk.backup_workflow import BackupWorkflow
from elasticache_kit.cdk.snapshot_api import NODE_BASED, SERVERLESS, SnapshotApi
from elasticache_kit.emulator.execution import service_model
from elasticache_kit.emulator.states_language import Execution, ExecutionFailedError, TaskError
from tests.cfn_lint import lint

STARTED = "2026-11-23T03:00:07.123Z"
NAME = "orders-20261123030007"


@dataclass
class Service:
    """ElastiCache and S3, as far as a backup sees them.

    Args:
        members: the nodes of the group and their roles.
        cluster_enabled: whether it runs in cluster mode.
        creating: how often a new snapshot is described before it is available.
        exporting: how often a file is looked for before it is there.
        becomes: the status that a snapshot ends in.
        snapshots: the names of the snapshots that there are.
        errors: for each operation the errors that it answers before it works.
    """

    members: tuple[tuple[str, str], ...] = (("orders-001", "primary"), ("orders-002", "replica"))
    cluster_enabled: bool = False
    creating: int = 1
    exporting: int = 1
    becomes: str = "available"
    snapshots: list[str] = field(default_factory=list[str])
    errors: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    page_size: int = 50
    files_each: int = 1
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def __call__(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer a call; both it and its answer must be what the API's model knows."""
        model = service_model(service).operation_model(operation)
        _valid(arguments, model.input_shape)
        answer = self._answer(operation, arguments)
        _valid(answer, model.output_shape)
        return answer

    def _answer(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, arguments))
        if self.errors.get(operation):
            raise TaskError(self.errors[operation].pop(0))
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "DescribeReplicationGroups": self._group,
            "CreateSnapshot": self._create,
            "CreateServerlessCacheSnapshot": self._create,
            "DescribeSnapshots": self._describe,
            "DescribeServerlessCacheSnapshots": self._describe_serverless,
            "ListObjectsV2": self._files,
            "DeleteSnapshot": self._delete,
            "DeleteServerlessCacheSnapshot": self._delete,
        }
        return answers[operation](arguments) if operation in answers else {}

    def of(self, operation: str) -> list[dict[str, Any]]:
        """Return the arguments of the calls of an operation."""
        return [arguments for name, arguments in self.calls if name == operation]

    def _group(self, arguments: dict[str, Any]) -> dict[str, Any]:
        assert arguments == {"ReplicationGroupId": "orders"}
        members = [{"CacheClusterId": name, "CurrentRole": role} for name, role in self.members]
        group = {
            "ReplicationGroupId": "orders",
            "ClusterEnabled": self.cluster_enabled,
            "NodeGroups": [{"NodeGroupId": "0001", "NodeGroupMembers": members}],
        }
        return {"ReplicationGroups": [group]}

    def _create(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.snapshots.append(arguments.get("SnapshotName") or arguments["ServerlessCacheSnapshotName"])
        return {}

    def _describe(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if "SnapshotName" not in arguments:
            return self._page(arguments.get("Marker"), "Snapshots", "SnapshotName", "Marker")
        parts = [{"NodeGroupId": f"{number:04}"} for number in range(1, self.files_each + 1)]
        return {"Snapshots": [{"SnapshotStatus": self._status(), "NodeSnapshots": parts}]}

    def _describe_serverless(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if "ServerlessCacheSnapshotName" not in arguments:
            marker = arguments.get("NextToken")
            return self._page(marker, "ServerlessCacheSnapshots", "ServerlessCacheSnapshotName", "NextToken")
        return {"ServerlessCacheSnapshots": [{"Status": self._status()}]}

    def _status(self) -> str:
        self.creating -= 1
        return "creating" if self.creating >= 0 else self.becomes

    def _page(self, marker: str | None, listed: str, name: str, following: str) -> dict[str, Any]:
        begin = int(marker or 0)
        end = begin + self.page_size
        page: dict[str, Any] = {listed: [{name: snapshot} for snapshot in self.snapshots[begin:end]]}
        return {**page, following: str(end)} if end < len(self.snapshots) else page

    def _files(self, arguments: dict[str, Any]) -> dict[str, Any]:
        assert arguments == {"Bucket": "exports", "Prefix": f"{NAME}-"}
        self.exporting -= 1
        return {"KeyCount": 0 if self.exporting >= 0 else self.files_each}

    def _delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.snapshots.remove(next(iter(arguments.values())))
        return {}


def _definition(api: SnapshotApi = NODE_BASED, *, retained: int = 2, exports: bool = False) -> dict[str, Any]:
    workflow = BackupWorkflow(api=api, partition="aws", retained_snapshots=retained, exports=exports)
    text = json.dumps(workflow.definition())
    for name, value in (("Cache", "orders"), ("Prefix", "orders"), ("Bucket", "exports")):
        text = text.replace(f"${{{name}}}", value)
    return json.loads(text)


def _valid(value: dict[str, Any], shape: Any) -> None:
    """Check a value against the API's model; a field that it does not have is a mistake too."""
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()


@dataclass
class Run:
    """What an execution did.

    Args:
        waited_seconds: how long it waited in all.
        path: its states in order.
    """

    waited_seconds: float = 0
    path: list[str] = field(default_factory=list[str])

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.waited_seconds += seconds


def _run(service: Service, definition: dict[str, Any]) -> tuple[dict[str, Any], Run]:
    run = Run()
    execution = Execution(definition, service, {"Execution": {"StartTime": STARTED}}, wait=run.wait)
    run.path = execution.path
    return execution.run(), run


def test_the_name_tells_the_second() -> None:
    """The name is the prefix and the time at which the execution began, and the output has it."""
    output, _ = _run(Service(), _definition())

    assert output == {"SnapshotName": NAME, "Deleted": []}


def test_a_replica_spares_the_primary() -> None:
    """With cluster mode disabled the snapshot is taken of a node that is a replica now."""
    service = Service(members=(("orders-001", "replica"), ("orders-002", "primary"), ("orders-003", "replica")))
    _run(service, _definition())

    assert service.of("CreateSnapshot") == [{"CacheClusterId": "orders-001", "SnapshotName": NAME}]


def test_a_single_node() -> None:
    """Without a replica the only node does it."""
    service = Service(members=(("orders-001", "primary"),))
    _run(service, _definition())

    assert service.of("CreateSnapshot") == [{"CacheClusterId": "orders-001", "SnapshotName": NAME}]


def test_cluster_mode_takes_the_whole_group() -> None:
    """With cluster mode enabled a snapshot is of the group, and its members have no roles."""
    service = Service(cluster_enabled=True)
    _run(service, _definition())

    assert service.of("CreateSnapshot") == [{"ReplicationGroupId": "orders", "SnapshotName": NAME}]


def test_it_waits_until_the_snapshot_is_available() -> None:
    """It looks once a minute, for as long as it takes."""
    service = Service(creating=30)
    _, execution = _run(service, _definition())

    assert execution.waited_seconds == 31 * 60
    assert len(service.of("DescribeSnapshots")) == 31 + 1  # the last one lists the old snapshots


@pytest.mark.parametrize("status", ["failed", "deleting"])
def test_a_snapshot_that_fails_fails_the_execution(status: str) -> None:
    """The cause names the snapshot and its status, and nothing is deleted."""
    service = Service(becomes=status, snapshots=["orders-20261101000000"])

    with pytest.raises(ExecutionFailedError) as error:
        _run(service, _definition(retained=1))

    assert error.value.args == ("SnapshotFailed", f"the status of {NAME} is {status}")
    assert service.of("DeleteSnapshot") == []


def test_a_busy_cache_is_waited_for() -> None:
    """A group that is being modified takes no snapshot; five minutes later it may."""
    busy = "ElastiCache.InvalidReplicationGroupStateException"
    service = Service(errors={"CreateSnapshot": [busy, busy, "ElastiCache.ElastiCacheException"]})
    output, execution = _run(service, _definition())

    assert output["SnapshotName"] == NAME
    assert execution.waited_seconds >= 600


def test_a_cache_that_stays_busy_fails_the_execution() -> None:
    """After two hours it is no longer a passing state."""
    busy = "ElastiCache.InvalidCacheClusterStateException"

    with pytest.raises(ExecutionFailedError, match="InvalidCacheClusterState"):
        _run(Service(errors={"CreateSnapshot": [busy] * 25}), _definition())


def test_a_snapshot_whose_answer_got_lost_is_there() -> None:
    """A second try finds the snapshot of the first, and goes on with it."""
    errors = ["ElastiCache.SdkClientException", "ElastiCache.SnapshotAlreadyExistsException"]
    output, _ = _run(Service(errors={"CreateSnapshot": errors}, snapshots=[NAME]), _definition())

    assert output["SnapshotName"] == NAME


def test_no_access_is_no_passing_state() -> None:
    """An error with a name that is not expected fails at once."""
    quota = "ElastiCache.SnapshotQuotaExceededException"

    with pytest.raises(ExecutionFailedError, match="SnapshotQuotaExceeded"):
        _run(Service(errors={"CreateSnapshot": [quota]}), _definition())


def test_the_oldest_are_deleted() -> None:
    """As many stay as asked for, the new one among them, however ElastiCache sorts them."""
    old = ["orders-20261103000000", "orders-20261101000000", "orders-20261102000000"]
    service = Service(snapshots=list(old))
    output, _ = _run(service, _definition(retained=2))

    assert output["Deleted"] == ["orders-20261101000000", "orders-20261102000000"]
    assert service.snapshots == ["orders-20261103000000", NAME]


def test_no_other_snapshot_is_deleted() -> None:
    """A snapshot made by hand, of another backup or of another cache stays, whatever it is called."""
    others = ["orders", "orders-final", "orders-20261101", "other-20261101000000", "my-orders-20261101000000"]
    service = Service(snapshots=list(others))
    output, _ = _run(service, _definition(retained=1))

    assert output["Deleted"] == []
    assert service.snapshots == [*others, NAME]


def test_all_pages_are_read() -> None:
    """The oldest snapshots may be on the last page."""
    old = [f"orders-202611{day:02}000000" for day in range(22, 0, -1)]
    service = Service(snapshots=list(old), page_size=5)
    _run(service, _definition(retained=3))

    assert sorted(service.snapshots) == [*sorted(old)[-2:], NAME]
    assert [arguments.get("Marker") for arguments in service.of("DescribeSnapshots")[-5:]] == [
        None,
        *("5", "10", "15", "20"),
    ]


def test_a_snapshot_that_somebody_deleted_is_gone() -> None:
    """Between the list and the deletion somebody else may have deleted it."""
    gone = "ElastiCache.SnapshotNotFoundException"
    service = Service(snapshots=["orders-20261101000000"], errors={"DeleteSnapshot": [gone]})
    output, _ = _run(service, _definition(retained=1))

    assert output["Deleted"] == ["orders-20261101000000"]


def test_export_waits_for_every_file() -> None:
    """A snapshot is available before its export has begun, so the files are looked for, one for each node group."""
    service = Service(cluster_enabled=True, exporting=3, files_each=3)
    output, execution = _run(service, _definition(exports=True))

    assert output["SnapshotName"] == NAME
    assert service.of("CopySnapshot") == [
        {"SourceSnapshotName": NAME, "TargetSnapshotName": NAME, "TargetBucket": "exports"}
    ]
    assert len(service.of("ListObjectsV2")) == 4
    assert execution.path.index("ListFiles") < execution.path.index("ListSnapshots")


def test_exports_only() -> None:
    """With no snapshots to retain the new one is deleted too, after its export."""
    service = Service()
    output, _ = _run(service, _definition(retained=0, exports=True))

    assert output["Deleted"] == [NAME]
    operations = [operation for operation, _ in service.calls]
    assert operations.index("CopySnapshot") < operations.index("DeleteSnapshot")


def test_serverless() -> None:
    """A serverless cache has operations of its own for the same."""
    service = Service(snapshots=["orders-20261101000000", "orders-20261102000000"])
    output, _ = _run(service, _definition(SERVERLESS, retained=1, exports=True))

    assert output["Deleted"] == ["orders-20261101000000", "orders-20261102000000"]
    assert service.of("CreateServerlessCacheSnapshot") == [
        {"ServerlessCacheName": "orders", "ServerlessCacheSnapshotName": NAME}
    ]
    assert service.of("ExportServerlessCacheSnapshot") == [
        {"ServerlessCacheSnapshotName": NAME, "S3BucketName": "exports"}
    ]


@pytest.mark.parametrize("exports", [False, True])
@pytest.mark.parametrize("api", [NODE_BASED, SERVERLESS])
def test_cfn_lint_knows_the_states(api: SnapshotApi, *, exports: bool) -> None:
    """The definition is what cfn-lint knows of Amazon States Language, and every state is reached."""
    definition = _definition(api, exports=exports)
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/backup", "DefinitionString": json.dumps(definition)},
    }
    assert lint(json.dumps({"Resources": {"Machine": machine}}), regions=["us-east-1"]) == []

    texts = [json.dumps(state) for state in definition["States"].values()]
    for name in definition["States"]:
        assert name == definition["StartAt"] or any(f'"{name}"' in text for text in texts), name


def test_errors_are_those_of_the_api() -> None:
    """Each error that is retried or caught is one that its operation can answer, under the name of the Java SDK."""
    named = 0
    for api in (NODE_BASED, SERVERLESS):
        states = dict(_definition(api, exports=True)["States"])
        states.update(states["DeleteOldest"]["ItemProcessor"]["States"])
        for state in states.values():
            if ":elasticache:" not in state.get("Resource", ""):
                continue
            operation = state["Resource"].split(":")[-1]
            model = service_model("elasticache").operation_model(operation[0].upper() + operation[1:])
            known = {
                f"ElastiCache.{shape.name.removesuffix('Fault').removesuffix('Exception')}Exception"
                for shape in model.error_shapes
            }
            asked = {name for rule in (*state["Retry"], *state.get("Catch", ())) for name in rule["ErrorEquals"]}
            asked -= {"ElastiCache.ElastiCacheException", "ElastiCache.SdkClientException"}
            assert asked <= known, operation
            named += len(asked)
    assert named > 8
