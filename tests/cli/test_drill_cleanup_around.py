"""What `drill cleanup` puts back of drills that change more than a group: its secret, its Region, its zone's power."""

from __future__ import annotations

import json
import random
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.ops import experiment, global_datastore, rotation, secret, session
from tests.cli.killing import LONGEST_SECONDS, Victim, after, assert_as_before, begun, killed, noted
from tests.cli.local import REGION
from tests.drills.fis import fis, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elasticache_kit.ops.session import Session
    from tests.cli.local import Local

pytestmark = [pytest.mark.engine, pytest.mark.prove]

FAR = "eu-west-1"
# A minute of an experiment takes a twentieth of a second here.
DURATION = "PT40M"
# Each drill, and what it has on record while it changes something.
CHANGES = {
    "az-loss": "experiment",
    "global-failover": "primary region",
    "credential-rotation": "rotation",
    "reboot": "keys",
}


@pytest.fixture
def api(local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Give the API of the local ElastiCache, with records of drills in a folder of the test's own."""
    monkeypatch.setattr(local, "state", tmp_path)
    for name, value in local.environment.items():
        monkeypatch.setenv(name, value)
    return session.connect()


@pytest.fixture(scope="module")
def plain(local: Local) -> str:
    """Make a group over two zones, which an experiment may be about and which can be rebooted."""
    tags = [{"Key": "drill", "Value": "plain"}]
    zones = [f"{REGION}a", f"{REGION}b"]
    return local.group("plain", PreferredCacheClusterAZs=zones, MultiAZEnabled=True, Tags=tags)


@pytest.fixture(scope="module")
def signed(local: Local) -> str:
    """Make a group whose clients send the AUTH token that the secret `token` holds."""
    word = "the-token-of-yesterday"
    local.service("secretsmanager").create_secret(Name="token", SecretString=json.dumps({"password": word}))
    net = {"TransitEncryptionEnabled": True, "CacheSubnetGroupName": local.subnet_group()}
    return local.group("signed", AuthToken=word, MultiAZEnabled=True, **net)


@pytest.fixture(scope="module")
def world(local: Local) -> str:
    """Make a global datastore, `here` and `there`, and return its id."""
    local.group("here", CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False, MultiAZEnabled=True)
    made: Any = local.client.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="here"
    )
    name = str(made["GlobalReplicationGroup"]["GlobalReplicationGroupId"])
    until(local.client.describe_global_replication_groups, "primary-only")
    local.service("elasticache", FAR).create_replication_group(
        ReplicationGroupId="there",
        ReplicationGroupDescription="of a test",
        GlobalReplicationGroupId=name,
        NumCacheClusters=2,
        MultiAZEnabled=True,
    )
    until(local.client.describe_global_replication_groups, "available")
    return name


def until(look: Callable[[], Any], status: str) -> None:
    """Wait until the global datastore has a status."""
    for _ in range(600):
        if look()["GlobalReplicationGroups"][0]["Status"] == status:
            return
        time.sleep(0.05)
    pytest.fail(f"the global datastore did not become {status}")


@pytest.fixture
def victim(local: Local, request: pytest.FixtureRequest) -> Callable[[str], Victim]:
    """Give what makes a drill ready to be killed."""

    def make(drill: str) -> Victim:
        if drill == "az-loss":
            group = request.getfixturevalue("plain")
            made = template(local, primary_zone(local, group), group, DURATION)
            words = ("--fis-template", made, "--stop-outage", "60")
            return Victim(drill, group, words, further=lambda _: going_on(local))
        if drill == "credential-rotation":
            group = request.getfixturevalue("signed")
            return Victim(drill, group, ("--secret", "token"), access=by_secret, further=rotating)
        if drill == "global-failover":
            name = request.getfixturevalue("world")
            return Victim(drill, "here", elsewhere={FAR: "there"}, further=lambda api: roles(api, name))
        return Victim(drill, request.getfixturevalue("plain"))

    return make


def primary_zone(local: Local, name: str) -> str:
    """Return the zone of the primary, which an experiment must be about."""
    record = local.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    members = record.get("NodeGroups", [])[0].get("NodeGroupMembers", [])
    return next(item.get("PreferredAvailabilityZone", "") for item in members if item.get("CurrentRole") == "primary")


def going_on(local: Local) -> list[str]:
    """Return the experiments that go on."""
    listed = fis(local).list_experiments()["experiments"]
    return [item["id"] for item in listed if item["state"]["status"] in experiment.GOING_ON]


def by_secret(api: Session) -> Access:
    """Return how to get in with what the secret holds now."""
    assert api.capability is not None
    return Access(tls_context(api.capability.ca_file), password=secret.password(api, "token"))


def rotating(api: Session) -> bool:
    """Tell whether a rotation was begun and not ended."""
    return rotation.begun(secret.observe(api, "token"))


def roles(api: Session, world: str) -> list[tuple[str, str]]:
    """Return the members of the global datastore with their roles."""
    return [(item.replication_group_id, item.role) for item in global_datastore.observe(api, world).members]


@pytest.mark.parametrize("drill", CHANGES)
def test_a_drill_killed_while_it_changes_something_is_put_back(
    local: Local, api: Session, victim: Callable[[str], Victim], tmp_path: Path, drill: str
) -> None:
    """With its instrument; before and after look the same."""
    one = victim(drill)
    before = one.state(api)

    killed(local, one, tmp_path, noted(tmp_path, CHANGES[drill]), whole=True)

    assert_as_before(api, one, before)


@pytest.mark.parametrize("drill", CHANGES)
def test_ctrl_c_puts_everything_back(
    local: Local, api: Session, victim: Callable[[str], Victim], tmp_path: Path, drill: str
) -> None:
    """Without a command of its own."""
    one = victim(drill)
    before = one.state(api)
    process = begun(local, one, tmp_path)
    noted(tmp_path, CHANGES[drill])(process)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert [path.read_text() for path in tmp_path.rglob("*.jsonl")] == [], told
    assert_as_before(api, one, before)


@pytest.mark.parametrize("number", range(20))
def test_a_drill_killed_at_a_random_moment_is_put_back(
    local: Local, api: Session, victim: Callable[[str], Victim], tmp_path: Path, number: int
) -> None:
    """Twenty moments over four drills, with the instrument killed in half of them."""
    chance = random.Random(number)  # noqa: S311 - no secret
    one = victim(tuple(CHANGES)[number % 4])
    before = one.state(api)

    killed(local, one, tmp_path, after(chance.uniform(0, LONGEST_SECONDS)), whole=number % 8 < 4)

    assert_as_before(api, one, before)
