"""Backup workflow: the states that take a snapshot, export it and delete old ones, as Step Functions reads them.

Each state calls the API itself, so there is no function to maintain, and waiting costs nothing. What only a deployment
knows stands as `${Cache}`, `${Prefix}` and `${Bucket}`, which CloudFormation fills in.

See https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.cdk.snapshot_api import SnapshotApi

State = dict[str, object]
States = dict[str, State]

# The seconds between two looks at a snapshot, and between two tries while the cache is busy with something else.
_LOOK_SECONDS = 60
_BUSY_SECONDS = 300
_BUSY_TRIES = 24
# A snapshot of a large cache takes hours, and the next one is due a day later.
_LONGEST_SECONDS = 24 * 60 * 60
# A name ends with the second at which the execution began, so names sort by age.
_DIGITS = 14
_NAME = f"'${{Prefix}}-' & $substring($replace($states.context.Execution.StartTime, /[^0-9]/, ''), 0, {_DIGITS})"
_OWN_NAME = f"/^${{Prefix}}-[0-9]{{{_DIGITS}}}$/"
# With cluster mode disabled ElastiCache wants to know the node, and a replica spares the primary the work. Roles are
# asked for each time, because a failover changes them.
_SOURCE = (
    "("
    "$group := $states.result.ReplicationGroups[0]; "
    "$members := $group.NodeGroups.NodeGroupMembers; "
    "$replicas := $members[CurrentRole = 'replica']; "
    "$group.ClusterEnabled"
    " ? {'ReplicationGroupId': $group.ReplicationGroupId}"
    " : {'CacheClusterId': $exists($replicas) ? $replicas[0].CacheClusterId : $members[0].CacheClusterId}"
    ")"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupWorkflow:
    """What one execution does.

    Args:
        api: the API of the kind of cache.
        partition: the partition of AWS, such as `aws`.
        retained_snapshots: how many snapshots of this name stay, the new one included.
        exports: whether the snapshot goes to the bucket as well.
    """

    api: SnapshotApi
    partition: str
    retained_snapshots: int
    exports: bool

    def definition(self) -> State:
        """Return the state machine in Amazon States Language."""
        return {
            "Comment": "Takes a snapshot, waits for it, exports it where asked, and deletes the oldest ones",
            "QueryLanguage": "JSONata",
            "TimeoutSeconds": _LONGEST_SECONDS,
            "StartAt": "NameSnapshot",
            "States": {
                **self._take(),
                **self._wait("Snapshot", then="ExportSnapshot" if self.exports else "ListSnapshots"),
                **(self._export() if self.exports else {}),
                **self._list(),
                **self._prune(),
                "SnapshotFailed": {
                    "Type": "Fail",
                    "Error": "SnapshotFailed",
                    "Cause": _expression("'the status of ' & $name & ' is ' & $status"),
                },
            },
        }

    def _take(self) -> States:
        """Name the snapshot, find out what to take it of, and take it."""
        api = self.api
        named: State = {"name": _expression(_NAME), "marker": "", "found": []}
        find: States = {}
        if api.source:
            named["source"] = {api.source: "${Cache}"}
        else:
            find["FindSource"] = self._call(
                "describeReplicationGroups",
                {"ReplicationGroupId": "${Cache}"},
                Assign={"source": _expression(_SOURCE)},
                Next="CreateSnapshot",
            )
        return {
            "NameSnapshot": {"Type": "Pass", "Assign": named, "Next": next(iter(find), "CreateSnapshot")},
            **find,
            "CreateSnapshot": self._call(
                api.create,
                _expression(f"$merge([$source, {{'{api.name}': $name}}])"),
                busy=api.busy,
                # A call whose answer got lost is made again, and then the snapshot is there already.
                Catch=[{"ErrorEquals": [_error(f"{api.noun}AlreadyExists")], "Next": "WaitForSnapshot"}],
                Next="WaitForSnapshot",
            ),
        }

    def _wait(self, what: str, *, then: str) -> States:
        """Look at the snapshot until it is available."""
        api = self.api
        snapshot = f"$states.result.{api.snapshots}[0]"
        seen: State = {"status": _expression(f"$exists({snapshot}) ? {snapshot}.{api.status} : 'missing'")}
        if api.parts:
            seen["parts"] = _expression(f"$count({snapshot}.{api.parts})")
        return {
            f"WaitFor{what}": {"Type": "Wait", "Seconds": _LOOK_SECONDS, "Next": f"Describe{what}"},
            f"Describe{what}": self._call(
                api.describe, {api.name: _expression("$name")}, Assign=seen, Next=f"Is{what}Available"
            ),
            f"Is{what}Available": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": _expression("$status = 'available'"), "Next": then},
                    {
                        "Condition": _expression("$status in ['failed', 'deleting', 'missing']"),
                        "Next": "SnapshotFailed",
                    },
                ],
                "Default": f"WaitFor{what}",
            },
        }

    def _export(self) -> States:
        """Copy the snapshot to the bucket, and wait until its files are there."""
        api = self.api
        states: States = {
            "ExportSnapshot": self._call(
                api.export,
                {api.exported: _expression("$name"), **api.target},
                busy=(f"Invalid{api.noun}State",),
                Next="WaitForExport",
            ),
            **self._wait("Export", then="ListFiles" if api.parts else "ListSnapshots"),
        }
        if api.parts:
            states["ListFiles"] = {
                "Type": "Task",
                "Resource": f"arn:{self.partition}:states:::aws-sdk:s3:listObjectsV2",
                "Arguments": {"Bucket": "${Bucket}", "Prefix": _expression("$name & '-'")},
                "Retry": [_unreachable("S3")],
                "Assign": {"files": _expression("$states.result.KeyCount")},
                "Next": "AreFilesThere",
            }
            states["AreFilesThere"] = {
                "Type": "Choice",
                # One file for each node group: the snapshot alone may be available before its export has begun.
                "Choices": [{"Condition": _expression("$files >= $max([$parts, 1])"), "Next": "ListSnapshots"}],
                "Default": "WaitForExport",
            }
        return states

    def _list(self) -> States:
        """Collect the names of the snapshots that this state machine took, from all pages."""
        api = self.api
        page = ", ".join(f"'{name}': {value!r}" for name, value in api.page.items())
        own = f"$states.result.{api.snapshots}[$contains({api.name}, {_OWN_NAME})].{api.name}"
        marker = f"$states.result.{api.marker}"
        return {
            "ListSnapshots": self._call(
                api.describe,
                _expression(f"$merge([{{{page}}}, $marker != '' ? {{'{api.marker}': $marker}} : {{}}])"),
                Assign={
                    "found": _expression(f"[$append($found, {own})]"),
                    "marker": _expression(f"{marker} ? {marker} : ''"),
                },
                Next="AreThereMore",
            ),
            "AreThereMore": {
                "Type": "Choice",
                "Choices": [{"Condition": _expression("$marker != ''"), "Next": "ListSnapshots"}],
                "Default": "DeleteOldest",
            },
        }

    def _prune(self) -> States:
        """Delete the oldest of them."""
        api = self.api
        too_many = f"function($name, $index, $all) {{ $index < $count($all) - {self.retained_snapshots} }}"
        gone: State = {
            "ErrorEquals": [_error(f"{api.noun}NotFound")],
            "Output": _expression("$states.input"),
            "Next": "Gone",
        }
        delete = self._call(
            api.delete,
            {api.name: _expression("$states.input")},
            busy=(f"Invalid{api.noun}State",),
            Catch=[gone],
            Output=_expression("$states.input"),
            End=True,
        )
        return {
            "DeleteOldest": {
                "Type": "Map",
                "Items": _expression(f"[$filter($sort($found), {too_many})]"),
                "MaxConcurrency": 1,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "DeleteSnapshot",
                    "States": {"DeleteSnapshot": delete, "Gone": {"Type": "Pass", "End": True}},
                },
                "Output": {"SnapshotName": _expression("$name"), "Deleted": _expression("[$states.result]")},
                "End": True,
            }
        }

    def _call(self, operation: str, arguments: object, *, busy: tuple[str, ...] = (), **fields: object) -> State:
        return {
            "Type": "Task",
            "Resource": f"arn:{self.partition}:states:::aws-sdk:elasticache:{operation}",
            "Arguments": arguments,
            "Retry": [*_while_busy(busy), _unreachable("ElastiCache")],
            **fields,
        }


def _while_busy(errors: tuple[str, ...]) -> list[State]:
    """Try again for hours: a cache that is scaled or takes its daily snapshot takes no other."""
    if not errors:
        return []
    return [
        {
            "ErrorEquals": [_error(error) for error in errors],
            "IntervalSeconds": _BUSY_SECONDS,
            "MaxAttempts": _BUSY_TRIES,
            "BackoffRate": 1.0,
        }
    ]


def _unreachable(service: str) -> State:
    """Try again where a service throttles or does not answer: errors that the SDK has no name for."""
    return {
        "ErrorEquals": [f"{service}.{service}Exception", f"{service}.SdkClientException"],
        "IntervalSeconds": 5,
        "MaxAttempts": 6,
        "BackoffRate": 2.0,
        "JitterStrategy": "FULL",
    }


def _error(name: str) -> str:
    """Name an error as Step Functions does: as in the SDK for Java, which calls a fault an exception."""
    return f"ElastiCache.{name}Exception"


def _expression(text: str) -> str:
    return f"{{% {text} %}}"
