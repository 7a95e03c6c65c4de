"""The IAM actions of each command, against what the command called in fact."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cli import main
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import permission
from tests.cli.in_process import invoke
from tests.ops.authorization import ACCOUNT, Made, denied
from tests.ops.completed import REGION, make_group, make_sharded, make_subnet_group
from tests.ops.recorder import Recorder, needed, recording
from tests.ops.report_folder import write_report

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.ops.session import Session

OLD = "the-token-of-yesterday"


@pytest.fixture(scope="module")
def recorder() -> Generator[Recorder]:
    """Hear of every call of the sessions that are made from now on."""
    with recording() as made:
        yield made


@pytest.fixture
def prepared(account: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """An account with all that the commands below work on."""
    monkeypatch.setenv("ELASTICACHE_KIT_LEDGER", str(tmp_path / "failovers.jsonl"))
    client: Any = account.act
    secrets, s3 = account.changing("secretsmanager"), account.changing("s3")
    secrets.create_secret(Name="auth", SecretString=json.dumps({"password": OLD}))
    net = make_subnet_group(account)
    client.create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="redis7", Description="of a test"
    )
    client.modify_cache_parameter_group(
        CacheParameterGroupName="mine", ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "20"}]
    )
    make_group(account)
    make_sharded(account, "shards")
    redis = {"Engine": "redis", "EngineVersion": "7.1", "CacheSubnetGroupName": net}
    make_group(account, "old", **redis, CacheParameterGroupName="mine")
    make_group(account, "signed", TransitEncryptionEnabled=True, CacheSubnetGroupName=net, AuthToken=OLD)
    client.create_user(
        UserId="app",
        UserName="app",
        Engine="valkey",
        AccessString="on ~* +@all",
        AuthenticationMode={"Type": "password", "Passwords": [OLD]},
    )
    for name, group in (("taken", "orders"), ("of-signed", "signed")):
        client.create_snapshot(SnapshotName=name, ReplicationGroupId=group)
    for bucket, place in (("here", None), ("far", "eu-west-1")):
        given: Any = {"CreateBucketConfiguration": {"LocationConstraint": place}} if place else {}
        s3.create_bucket(Bucket=bucket, **given)
    s3.put_object(
        Bucket="here",
        Key="exported.json",
        Body=json.dumps(
            {
                "bucket": "here",
                "name": "exported",
                "engine": "valkey",
                "engine_version": "8.1",
                "cache_node_type": "cache.m7g.large",
                "slots": [None],
                "digest": None,
            }
        ),
    )
    s3.put_object(Bucket="here", Key="exported-0001.rdb", Body=b"REDIS")
    write_report(tmp_path / "report")
    monkeypatch.chdir(tmp_path)
    return account


# Command -> what is run. What comes first brings what follows it needs.
RUNS: dict[str, tuple[str, ...]] = {
    "adopt": ("adopt signed",),
    "inventory": ("inventory",),
    "events": ("events orders",),
    "failover": ("failover orders --apply",),
    "snapshot list": ("snapshot list",),
    "snapshot create": ("snapshot create orders --name first --digest --apply",),
    "snapshot copy": ("snapshot copy taken second --apply",),
    "snapshot restore": (
        "snapshot restore of-signed restored --auth-token-secret auth --apply",
        "snapshot restore exported from-s3 --from-s3 here --subnet-group net --apply",
    ),
    "snapshot prune": ("snapshot prune orders --keep 0 --apply",),
    "scale": (
        "scale orders --node-type cache.m7g.xlarge --replicas 2 --apply",
        "scale orders --replicas 1 --apply",
    ),
    "reshard": ("reshard shards --node-groups 3 --apply",),
    "cluster-mode": ("cluster-mode orders --to compatible --apply",),
    "tls": ("tls old --to preferred --apply",),
    "upgrade": ("upgrade old --engine valkey --version 8.1 --apply",),
    "rotate auth-token": ("rotate auth-token signed --secret auth --apply",),
    "rotate user": ("rotate user app --secret auth --apply",),
    "parameters diff": ("parameters diff mine --set timeout=20",),
    "parameters apply": ("parameters apply mine --set maxmemory-policy=noeviction --only --apply",),
    "service-updates list": ("service-updates list",),
    "service-updates apply": ("service-updates apply elasticache-local-update-1 orders --apply",),
    "publish": (
        "publish nothing --drill failover --group orders --bucket here --apply",
        "publish report --bucket here --apply",
    ),
    "reboot": ("reboot signed --node signed-002 --apply",),
}
# What each of them names, and its policy is narrowed down to.
NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "adopt": {"group": ("signed",)},
    "inventory": {},
    "events": {},
    "failover": {"group": ("orders",)},
    "snapshot list": {},
    "snapshot create": {"group": ("orders",), "snapshot": ("first",)},
    "snapshot copy": {"snapshot": ("taken", "second")},
    "snapshot restore": {
        "group": ("restored", "from-s3", "signed"),
        "snapshot": ("of-signed", "exported"),
        "secret": ("auth",),
        "bucket": ("here",),
    },
    "snapshot prune": {},
    "scale": {"group": ("orders",)},
    "reshard": {"group": ("shards",)},
    "cluster-mode": {"group": ("orders",)},
    "tls": {"group": ("old",)},
    "upgrade": {"group": ("old",)},
    "rotate auth-token": {"group": ("signed",), "secret": ("auth",)},
    "rotate user": {"user": ("app",), "secret": ("auth",)},
    "parameters diff": {"parameter-group": ("mine",)},
    "parameters apply": {"parameter-group": ("mine",)},
    "service-updates list": {},
    "service-updates apply": {"group": ("orders",)},
    "publish": {"bucket": ("here",)},
    "reboot": {"group": ("signed",)},
}
# These are proved below, or by others.
ELSEWHERE = {
    "diff",
    "drill cleanup",
    "drill memcached-node-loss",
    "global failover",
    "global promote",
    "snapshot export",
}


# An operation that sets tags is authorized as the one that adds them, too.
WITH_TAGS = {"elasticache:CreateSnapshot"}


def _policy(command: str, names: Mapping[str, tuple[str, ...]]) -> Any:
    return permission.policy([command], permission.Scope(region=REGION, account=ACCOUNT, names=names))


def test_each_command_calls_what_it_says_and_nothing_else(prepared: Session, recorder: Recorder) -> None:
    """Every command with --apply, and every kind of call of it; its policy allows that for what it names alone."""
    del prepared
    wrong: dict[str, tuple[set[str], set[str]]] = {}
    made: dict[str, tuple[Made, ...]] = {}
    for command, runs in RUNS.items():
        recorder.made.clear()
        for line in runs:
            done = invoke(*line.split())
            assert done.exit_code == 0, f"{line}: {done.output}"
        found = needed(recorder.calls)
        if found & WITH_TAGS:
            found.add("elasticache:AddTagsToResource")
        said = set(permission.actions(command))
        if found != said:
            wrong[command] = (found - said, said - found)
        made[command] = tuple(recorder.made)
    assert wrong == {}
    refusals = {command: denied(calls, _policy(command, NAMES[command]), command) for command, calls in made.items()}
    assert {command: found for command, found in refusals.items() if found} == {}
    # Negative control: the rights to other resources are of no use.
    others = {command: dict.fromkeys(names, ("stranger",)) for command, names in NAMES.items()}
    refused = {command for command, calls in made.items() if denied(calls, _policy(command, others[command]), command)}
    assert refused == {command for command, names in NAMES.items() if names}


def test_a_global_datastore_is_failed_over_and_left(account: Session, recorder: Recorder) -> None:
    """The same, for commands over two Regions."""
    far = account.elsewhere("eu-west-1")
    client, other = account.act, far.act
    make_sharded(account, "here", CacheNodeType="cache.m7g.large")
    made = client.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="here"
    )["GlobalReplicationGroup"]
    name = made.get("GlobalReplicationGroupId", "")
    other.create_replication_group(
        ReplicationGroupId="there", ReplicationGroupDescription="of a test", GlobalReplicationGroupId=name
    )
    for command, to in (("failover", "eu-west-1"), ("promote", "us-east-1")):
        recorder.made.clear()
        done = invoke("global", command, name, "--to", to, "--apply")
        assert done.exit_code == 0, done.output
        assert needed(recorder.calls) == set(permission.actions(f"global {command}")), command
        policy = _policy(f"global {command}", {"global-datastore": (name,), "group": ("here", "there")})
        assert denied(recorder.made, policy, f"global {command}") == []


def test_an_export_calls_what_it_says(account: Session, recorder: Recorder) -> None:
    """CopySnapshot is not called here, where no engine has written objects: the objects are there already."""
    make_group(account)
    client: Any = account.act
    client.create_snapshot(SnapshotName="taken", ReplicationGroupId="orders")
    s3 = account.changing("s3")
    s3.create_bucket(Bucket="here")
    s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="here", Key="taken-0001.rdb", Body=b"REDIS")
    recorder.made.clear()

    onward = ("--to-bucket", "far", "--to-region", "eu-west-1")
    done = invoke("snapshot", "export", "taken", "--bucket", "here", *onward, "--apply")

    assert done.exit_code == 0, done.output
    assert needed(recorder.calls) == set(permission.actions("snapshot export")) - {"elasticache:CopySnapshot"}
    policy = _policy("snapshot export", {"snapshot": ("taken",), "bucket": ("here", "far")})
    assert denied(recorder.made, policy, "snapshot export") == []


def test_a_comparison_reads_the_stack_and_nothing_else(
    account: Session, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one around a nested stack is asked for it besides, which this one has not got."""
    monkeypatch.chdir(tmp_path)
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    (tmp_path / "new.json").write_text(body)
    account.changing("cloudformation").create_stack(StackName="orders", TemplateBody=body)
    recorder.made.clear()

    done = invoke("diff", "new.json", "--stack", "orders")

    assert done.exit_code == 0, done.output
    assert needed(recorder.calls) == set(permission.actions("diff")) - {"cloudformation:DescribeStackResource"}
    assert denied(recorder.made, _policy("diff", {"stack": ("orders",)}), "diff") == []
    assert denied(recorder.made, _policy("diff", {"stack": ("stranger",)}), "diff")


def test_every_command_is_proved() -> None:
    """One that is added comes with its proof."""
    assert set(RUNS) | ELSEWHERE == set(permission.COMMANDS)


def test_every_operation_of_the_command_line_has_its_actions() -> None:
    """All commands that call AWS through operations are in the table."""
    context = main.make_context("elasticache-kit", [], resilient_parsing=True)
    others = {"check", "demo", "emulator", "iam-policy"}

    listed = {name.split()[0] for name in permission.COMMANDS}

    assert set(main.list_commands(context)) == listed | others


def test_the_command_narrows_a_policy_down() -> None:
    """To what each option names, in the Region and the account that are named."""
    options = ("--group", "orders", "--group", "carts", "--region", "eu-west-1", "--account", ACCOUNT)
    told = json.loads(invoke("iam-policy", "failover", *options, region=None).stdout)

    (statement,) = [item for item in told["Statement"] if "elasticache:TestFailover" in item["Action"]]
    assert statement["Resource"] == [
        f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:replicationgroup:orders",
        f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:replicationgroup:carts",
    ]


def test_the_command_prints_a_policy() -> None:
    """In quotes or not."""
    quoted = json.loads(invoke("iam-policy", "snapshot create", region=None).stdout)
    plain = json.loads(invoke("iam-policy", "snapshot", "create", region=None).stdout)

    assert quoted == plain
    drill: dict[str, Any] = json.loads(invoke("iam-policy", "drill run failover", region=None).stdout)
    assert any("elasticache:TestFailover" in statement["Action"] for statement in drill["Statement"])
    assert quoted["Version"] == "2012-10-17"


def test_an_unknown_command_is_wrong_use() -> None:
    """With those that there are."""
    with pytest.raises(ValidationError, match=r"there is no command 'fly' that calls AWS: take one of .*failover"):
        permission.actions("fly")
