"""What `drill cleanup` calls when it puts back each kind of change, against its table of permissions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.drills import credential, putting_back, record
from elasticache_kit.drills.record import Change
from elasticache_kit.model import permission
from elasticache_kit.ops import execution, inventory
from elasticache_kit.ops.experiment import ACTION, RUN_TAG
from elasticache_kit.ops.wait import Clock
from tests.cli.in_process import invoke
from tests.ops.authorization import ACCOUNT, denied
from tests.ops.completed import REGION, make_group, make_sharded, make_subnet_group
from tests.ops.recorder import needed, recording

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.ops.session import Session

OLD = "the-token-of-yesterday"
FAR = "eu-west-1"
# Nothing of AWS is asked for these: keys are in a cache, and such faults are of the local ElastiCache alone.
NOT_OF_AWS = {"fault", "keys"}


@pytest.fixture
def left(account: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Change, ...]]:
    """Leave of every kind of change what a killed drill would have left: changes by their groups."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    client: Any = account.act
    secrets = account.changing("secretsmanager")
    for name in ("token", "user"):
        secrets.create_secret(Name=name, SecretString=json.dumps({"password": OLD}))
    for user, name in (("app", "app"), ("nobody", "default")):
        client.create_user(
            UserId=user,
            UserName=name,
            Engine="redis",
            AccessString="on ~* +@all",
            AuthenticationMode={"Type": "password", "Passwords": [OLD]},
        )
    client.create_user_group(UserGroupId="users", Engine="redis", UserIds=["app", "nobody"])
    net = {"TransitEncryptionEnabled": True, "CacheSubnetGroupName": make_subnet_group(account)}
    make_group(account, "orders", NumCacheClusters=3)
    make_group(account, "by-token", AuthToken=OLD, **net)
    make_group(account, "by-user", UserGroupIds=["users"], **net)
    make_sharded(account, "shards", count=3)
    make_group(account, "drill-run")
    client.create_snapshot(SnapshotName="drill-run", ReplicationGroupId="orders")
    for group, secret, user in (("by-token", "token", None), ("by-user", "user", "app")):
        _begin_rotation(account, group, secret, user)
    fis = {"template": _begin_experiment(account), "run_id": "run"}
    return {
        "orders": (
            Change("replicas", {"count": 1}),
            Change("snapshot", {"name": "drill-run"}),
            Change("restored group", {"id": "drill-run"}),
            # Its id is not known: the drill was killed while it asked for it.
            Change("experiment", fis),
        ),
        "shards": (Change("shards", {"count": 2, "ids": ["0001", "0002"]}),),
        "here": (Change("primary region", {"global": _exchanged(account), "region": REGION}),),
        "by-token": (Change("rotation", {"secret": "token", "username": ""}),),
        "by-user": (Change("rotation", {"secret": "user", "username": "app"}),),
    }


def _begin_rotation(api: Session, group: str, secret: str, user: str | None) -> None:
    """Begin a rotation, and leave it while both passwords work."""

    def never(_seconds: float) -> None:
        raise KeyboardInterrupt

    seen = inventory.replication_group(api, group)
    plan = credential.plan(api, seen, secret, user, pause_seconds=5)
    with pytest.raises(KeyboardInterrupt):
        execution.run(plan, api, lambda _: None, Clock(sleep=never))


def _begin_experiment(api: Session) -> str:
    """Start an experiment, and return its template."""
    fis = api.changing("fis")
    made = fis.create_experiment_template(
        clientToken="once",
        description="takes the power",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/fis",
        stopConditions=[{"source": "none"}],
        targets={
            "groups": {
                "resourceType": "aws:elasticache:replicationgroup",
                "resourceArns": [inventory.replication_group(api, "orders").arn],
                "selectionMode": "ALL",
                "parameters": {"availabilityZoneIdentifier": f"{REGION}a"},
            }
        },
        actions={
            "power": {
                "actionId": ACTION,
                "parameters": {"duration": "PT10M"},
                "targets": {"ReplicationGroups": "groups"},
            }
        },
    )["experimentTemplate"]["id"]
    fis.start_experiment(clientToken="run", experimentTemplateId=made, tags={RUN_TAG: "run"})
    return str(made)


def _exchanged(api: Session) -> str:
    """Make a global datastore whose secondary has taken the writes, and return its id."""
    far = api.elsewhere(FAR)
    client: Any = api.act
    make_group(api, "here")
    name = client.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="here"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    far.act.create_replication_group(
        ReplicationGroupId="there",
        ReplicationGroupDescription="of a test",
        GlobalReplicationGroupId=name,
        NumCacheClusters=2,
    )
    client.failover_global_replication_group(
        GlobalReplicationGroupId=name, PrimaryRegion=FAR, PrimaryReplicationGroupId="there"
    )
    return str(name)


def test_a_cleanup_calls_what_it_says_and_nothing_else(account: Session, left: dict[str, tuple[Change, ...]]) -> None:
    """Of every kind of change; its policy allows that for what it names alone."""
    scope = record.scope_of(account)
    for group, changes in left.items():
        with record.opened(scope, group, "run") as kept:
            for change in changes:
                kept.note(change)

    with recording() as recorder:
        done = invoke("drill", "cleanup")

    assert done.exit_code == 0, done.output
    assert {change.kind for changes in left.values() for change in changes} | NOT_OF_AWS == set(putting_back.WAYS)
    # Without engines there is no power to take, and so no experiment to stop: tests/drills/test_interruption.py.
    assert needed(recorder.calls) == set(permission.actions("drill cleanup")) - {"fis:StopExperiment"}
    names = {
        "group": (*left, "drill-run", "there"),
        "snapshot": ("drill-run",),
        "global-datastore": (str(left["here"][0].what["global"]),),
        "secret": ("token", "user"),
        "user": ("app",),
    }
    assert denied(recorder.made, _policy(names), "drill cleanup") == []
    # Negative control: the rights to other resources are of no use.
    assert denied(recorder.made, _policy(dict.fromkeys(names, ("stranger",))), "drill cleanup")


def _policy(names: dict[str, tuple[str, ...]]) -> Any:
    return permission.policy(["drill cleanup"], permission.Scope(region=REGION, account=ACCOUNT, names=names))
