"""Every operation by its command, on the emulator without engines and with --aws on AWS: a scenario for each.

On AWS the scenarios make small groups in the default VPC and remove them; the whole takes hours there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.emulator import local_environment
from elasticache_kit.emulator.lifecycle import Timing
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.ops import execution, inventory, session, wait
from elasticache_kit.ops.plan import Plan, Seen, State, Wait

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
from tests.ops.completed import make_subnet_group

# Long enough to be seen on the way, and no longer.
TIMING = Timing(name="contract", create=0.05, modify=0.3, delete=0, detect=0.1, replace=0.1, recover=0.1, wait=0)
HOURS = 2 * 3600.0
FAR = "us-west-2"
SMALL = "cache.t4g.small"
PASSWORD = f"Of-a-contract-{uuid.uuid4().hex}"


@dataclass
class Place:
    """Where the scenarios run.

    Args:
        session: its API.
        environment: what leads commands there.
        subnet_group: over several zones.
        made: what is removed in the end, the last one first.
    """

    session: Session
    environment: dict[str, str]
    subnet_group: str
    made: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command and return its standard output."""
        done = CliRunner(env=self.environment).invoke(main, list(words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.stdout

    def apply(self, *words: str) -> Any:
        """Run an operation and return what it tells programs; a second time nothing must be left to do."""
        return json.loads(self.run(*words, "--apply", "--output", "json"))

    def group(self, name: str) -> ReplicationGroup:
        """Observe a group."""
        return inventory.replication_group(self.session, name)

    def make_group(self, kind: str, **request: Any) -> str:
        """Make a group of a primary and a replica, and wait for it."""
        name = f"contract-{kind}-{uuid.uuid4().hex[:6]}"
        wanted: dict[str, Any] = {
            "ReplicationGroupDescription": "of a contract test",
            "Engine": "valkey",
            "EngineVersion": "8.0",
            "CacheNodeType": "cache.t4g.micro",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": False,
            "CacheSubnetGroupName": self.subnet_group,
            **request,
        }
        self.session.act.create_replication_group(
            ReplicationGroupId=name, **{key: value for key, value in wanted.items() if value is not None}
        )
        self.removing(name)
        self.wait(name)
        return name

    def removing(self, name: str) -> None:
        """Remove a group in the end."""
        self.made.append(lambda: self.session.act.delete_replication_group(ReplicationGroupId=name))

    def wait(self, name: str) -> None:
        """Wait until a group is available."""
        state = State(name, lambda api: Seen(inventory.replication_group(api, name).status == "available"))
        execution.run(Plan("creation", (Wait(state, HOURS),)), self.session, lambda _: None)


def removed(remove: Callable[[], object]) -> None:
    """Remove something as soon as AWS lets it go; what still changes is refused until then."""

    def attempt() -> bool | None:
        try:
            remove()
        except ClientError:
            return None
        return True

    wait.until(attempt, what="its removal", timeout_seconds=HOURS, longest_interval_seconds=30)


@pytest.fixture(scope="module", params=[pytest.param("emulator"), pytest.param("aws", marks=pytest.mark.aws)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The emulator, or with --aws the account of the environment."""
    folder = tmp_path_factory.mktemp("place")
    ledger = {"ELASTICACHE_KIT_LEDGER": str(folder / "failovers.jsonl")}
    if request.param == "aws":
        made = Place(session.connect(), ledger, "default")
        try:
            yield made
        finally:
            for remove in reversed(made.made):
                removed(remove)
        return
    environment = {
        "AWS_REGION": local_environment.DEFAULT_REGION,
        "AWS_ACCESS_KEY_ID": local_environment.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": local_environment.SECRET_ACCESS_KEY,
    }
    with Emulator(folder / "emulator", timing=TIMING, engines=False) as emulator, pytest.MonkeyPatch.context() as patch:
        environment["AWS_ENDPOINT_URL"] = emulator.endpoint_url
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        api = session.connect()
        yield Place(api, environment | ledger, make_subnet_group(api))


@pytest.fixture(scope="module")
def orders(place: Place) -> str:
    """A group without cluster mode, for all scenarios: each leaves it as it was, or better."""
    return place.make_group("orders")


@pytest.fixture(scope="module")
def shards(place: Place) -> str:
    """A group with cluster mode enabled, for all scenarios."""
    return place.make_group(
        "shards",
        NumCacheClusters=None,
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        CacheParameterGroupName="default.valkey8.cluster.on",
    )


@pytest.fixture(scope="module")
def signed(place: Place) -> tuple[str, str]:
    """A group whose clients send an AUTH token, and the secret that holds it."""
    name = f"contract-{uuid.uuid4().hex[:6]}"
    secrets: Any = place.session.changing("secretsmanager")
    secrets.create_secret(Name=name, SecretString=json.dumps({"password": PASSWORD}))
    place.made.append(lambda: secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True))
    return place.make_group("signed", TransitEncryptionEnabled=True, AuthToken=PASSWORD), name


def roles(group: ReplicationGroup) -> dict[str, str | None]:
    """Return the role of each node."""
    return {member.cache_cluster_id: member.role for member in group.members}


def test_the_inventory_shows_every_group(place: Place, orders: str, shards: str) -> None:
    """With its nodes and what to look at."""
    told = json.loads(place.run("inventory", "--output", "json"))["regions"][0]

    assert {orders, shards} <= {item["replication_group_id"] for item in told["replication_groups"]}
    assert {"no-tls", "no-backup"} <= {item["rule"] for item in told["findings"] if item["resource"] == orders}


def test_primaries_fail_over_in_turn(place: Place, orders: str, shards: str) -> None:
    """Roles are exchanged, and events tell of each."""
    before = roles(place.group(orders))

    place.apply("failover", orders)
    told = place.apply("failover", shards, "--all")

    assert sorted(before.values(), key=str) == ["primary", "replica"]
    other = {"primary": "replica", "replica": "primary"}
    assert roles(place.group(orders)) == {name: other[str(role)] for name, role in before.items()}
    assert all(item["recovery_seconds"] is not None for item in told["node_groups"].values())


def test_a_snapshot_is_taken_copied_restored_and_pruned(place: Place, shards: str) -> None:
    """Into a group of another shape, in which slots are spread evenly; a second time nothing is left to do."""
    name, target = f"{shards}-taken", f"{shards}-new"
    place.apply("snapshot", "create", shards, "--name", name)
    assert place.apply("snapshot", "create", shards, "--name", name)["plan"] == []
    place.apply("snapshot", "copy", name, f"{name}-copy")
    place.removing(target)

    place.apply("snapshot", "restore", name, target, "--node-groups", "3", "--replicas", "0")
    listed = json.loads(place.run("snapshot", "list", shards, "--output", "json"))["snapshots"]
    place.apply("snapshot", "prune", shards, "--keep", "0")

    assert {item["name"] for item in listed} == {name, f"{name}-copy"}
    assert [item.slots for item in place.group(target).node_groups] == ["0-5461", "5462-10922", "10923-16383"]
    assert json.loads(place.run("snapshot", "list", shards, "--output", "json"))["snapshots"] == []


def test_nodes_and_replicas_are_scaled(place: Place, orders: str) -> None:
    """Both by one command."""
    place.apply("scale", orders, "--node-type", SMALL, "--replicas", "2")

    after = place.group(orders)
    assert (after.cache_node_type, len(after.members)) == (SMALL, 3)
    assert place.apply("scale", orders, "--node-type", SMALL, "--replicas", "2")["plan"] == []
    place.apply("scale", orders, "--replicas", "1")
    assert len(place.group(orders).members) == 2


def test_a_killed_scaling_is_taken_up(place: Place, orders: str) -> None:
    """By kill -9 while it waits: the same command again waits on and asks for nothing twice."""
    words = ["scale", orders, "--replicas", "3", "--apply"]
    first = subprocess.Popen(
        [sys.executable, "-m", "elasticache_kit.cli", *words],
        env={**os.environ, **place.environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert first.stderr is not None
    for line in first.stderr:
        if "wait until" in line:
            break
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stderr.close()

    second = CliRunner(env=place.environment).invoke(main, words, catch_exceptions=False)

    assert second.exit_code == 0, second.output
    assert len(place.group(orders).members) == 4
    assert "done before: call IncreaseReplicaCount" in second.stderr or "nothing was left to do" in second.stdout
    place.apply("scale", orders, "--replicas", "1")


def test_shards_come_and_go(place: Place, shards: str) -> None:
    """With the slots spread evenly each time."""
    for count in (3, 2):
        place.apply("reshard", shards, "--node-groups", str(count))
        assert len(place.group(shards).node_groups) == count
    assert place.apply("reshard", shards, "--rebalance")["plan"] == []


def test_the_engine_is_upgraded(place: Place, orders: str) -> None:
    """And never goes back."""
    place.apply("upgrade", orders, "--version", "8.1")

    assert {(member.engine_version or "")[:3] for member in place.group(orders).members} == {"8.1"}
    place.run("upgrade", orders, "--version", "8.0", "--apply", code=4)


def test_cluster_mode_goes_to_compatible_and_back(place: Place, orders: str) -> None:
    """Not to enabled in one step."""
    place.run("cluster-mode", orders, "--to", "enabled", "--apply", code=4)
    for mode in ("compatible", "disabled"):
        place.apply("cluster-mode", orders, "--to", mode)
        assert place.group(orders).cluster_mode == mode


def test_tls_comes_in_steps(place: Place) -> None:
    """Redis OSS may be without; what is required goes back over preferred."""
    name = place.make_group("tls", Engine="redis", EngineVersion="7.1")
    place.run("tls", name, "--to", "required", "--apply", code=4)
    for mode in ("preferred", "required", "preferred"):
        place.apply("tls", name, "--to", mode)
        assert place.group(name).transit_encryption_mode == mode


def test_an_auth_token_is_rotated(place: Place, signed: tuple[str, str]) -> None:
    """The secret has another one then, and no label of the rotation."""
    group, name = signed
    secrets: Any = place.session.reading("secretsmanager")
    told = place.apply("rotate", "auth-token", group, "--secret", name)

    current = secrets.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    assert json.loads(current)["password"] != PASSWORD
    assert PASSWORD not in json.dumps(told)
    stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"].values()
    assert sorted(label for labels in stages for label in labels) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_the_password_of_a_user_is_rotated(place: Place) -> None:
    """A user costs nothing on AWS."""
    name = f"contract-{uuid.uuid4().hex[:6]}"
    secrets: Any = place.session.changing("secretsmanager")
    client: Any = place.session.act
    secrets.create_secret(Name=name, SecretString=json.dumps({"password": PASSWORD}))
    place.made.append(lambda: secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True))
    client.create_user(
        UserId=name, UserName=name, Engine="valkey", AccessString="off ~* +@read",
        AuthenticationMode={"Type": "password", "Passwords": [PASSWORD]},
    )  # fmt: skip
    place.made.append(lambda: client.delete_user(UserId=name))

    place.apply("rotate", "user", name, "--secret", name)

    user = client.describe_users(UserId=name)["Users"][0]
    assert user["Authentication"]["PasswordCount"] == 1
    current = secrets.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    assert json.loads(current)["password"] != PASSWORD


def test_parameters_are_compared_and_set(place: Place) -> None:
    """Nothing differs then."""
    name = f"contract-{uuid.uuid4().hex[:6]}"
    client: Any = place.session.act
    client.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="of a contract test"
    )
    place.made.append(lambda: client.delete_cache_parameter_group(CacheParameterGroupName=name))
    wanted = ("--set", "timeout=20", "--set", "maxmemory-policy=noeviction")

    assert "timeout: 0 -> 20" in place.run("parameters", "diff", name, *wanted, code=1)
    place.apply("parameters", "apply", name, *wanted)
    assert place.run("parameters", "diff", name, *wanted) == "nothing differs\n"


def test_service_updates_are_listed(place: Place, orders: str) -> None:
    """AWS has what it has; the emulator has one, which is applied."""
    listed = json.loads(place.run("service-updates", "list", "--output", "json"))["updates"]
    if place.session.capability is None:
        return
    (update,) = {item["name"] for item in listed if item["cache_id"] == orders}
    place.apply("service-updates", "apply", update, orders)

    after = json.loads(place.run("service-updates", "list", "--output", "json"))["updates"]
    assert orders not in {item["cache_id"] for item in after}


def test_a_node_is_rebooted_and_events_tell_of_it(place: Place, orders: str) -> None:
    """The command that follows events shows it."""
    node = place.group(orders).members[-1].cache_cluster_id
    place.apply("reboot", orders, "--node", node)

    told = [json.loads(line) for line in place.run("events", orders, "--output", "json").splitlines()]

    assert node in {item["source_id"] for item in told if "restart" in item["message"].lower()}


def test_a_global_datastore_fails_over_and_is_left(place: Place) -> None:
    """Over two Regions; nodes are as small as global datastores take them."""
    here = place.make_group("world", CacheNodeType="cache.m7g.large")
    client: Any = place.session.act
    far: Any = place.session.elsewhere(FAR).act
    made = client.create_global_replication_group(GlobalReplicationGroupIdSuffix=here, PrimaryReplicationGroupId=here)[
        "GlobalReplicationGroup"
    ]
    name = made["GlobalReplicationGroupId"]
    dissolved = {"GlobalReplicationGroupId": name, "RetainPrimaryReplicationGroup": True}
    place.made.append(lambda: client.delete_global_replication_group(**dissolved))
    settle(place, name, members=1)
    far.create_replication_group(
        ReplicationGroupId=here,
        ReplicationGroupDescription="of a contract test",
        GlobalReplicationGroupId=name,
        NumCacheClusters=2,
    )
    place.made.append(lambda: far.delete_replication_group(ReplicationGroupId=here))
    settle(place, name, members=2)

    place.apply("global", "failover", name, "--to", FAR)
    place.apply("global", "failover", name, "--to", place.session.region)
    place.apply("global", "promote", name, "--to", FAR)

    settle(place, name, members=1)


def settle(place: Place, name: str, *, members: int) -> None:
    """Wait until a global datastore is at rest with so many members."""
    client: Any = place.session.ask

    def look(_: Session) -> Seen:
        answer = client.describe_global_replication_groups(GlobalReplicationGroupId=name, ShowMemberInfo=True)
        found = answer["GlobalReplicationGroups"][0]
        associated = [item for item in found["Members"] if item["Status"] == "associated"]
        return Seen(found["Status"] in ("available", "primary-only") and len(associated) == members)

    execution.run(Plan("settling", (Wait(State(name, look), HOURS),)), place.session, lambda _: None)
