"""What a snapshot holds comes back: read by a real client before and after, also over S3 and into another shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.emulator import local_environment
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.ops import content, execution, inventory, session, snapshot, target
from elasticache_kit.ops.content import Access
from elasticache_kit.ops.plan import Plan, Wait
from tests.ops.completed import make_subnet_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.ops.session import Session

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A local account with engines, which the environment leads to."""
    environment = {
        "AWS_REGION": local_environment.DEFAULT_REGION,
        "AWS_ACCESS_KEY_ID": local_environment.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": local_environment.SECRET_ACCESS_KEY,
    }
    with (
        Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT) as emulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {**environment, "AWS_ENDPOINT_URL": emulator.endpoint_url}.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        yield session.connect()


def run(*words: str) -> dict[str, Any]:
    """Run a command with --apply and return what it tells programs."""
    done = CliRunner().invoke(main, [*words, "--apply", "--output", "json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def client_of(host: str, port: int) -> Any:
    """Return a client, whose methods nobody has typed."""
    return valkey.ValkeyCluster(host=host, port=port)


@pytest.fixture(scope="module")
def orders(api: Session) -> str:
    """A group of two node groups that hold every type of value, and a snapshot of it that bears its digest."""
    client: Any = api.act
    client.create_replication_group(
        ReplicationGroupId="orders", ReplicationGroupDescription="of a test", Engine="valkey",
        CacheNodeType="cache.t4g.micro", NumNodeGroups=2, ReplicasPerNodeGroup=0, AutomaticFailoverEnabled=True,
        CacheParameterGroupName="default.valkey8.cluster.on", EngineVersion="8.1", TransitEncryptionEnabled=False,
    )  # fmt: skip
    made = target.settled("orders", "made", lambda _: True)
    execution.run(Plan("creation", (Wait(made, 60),)), api, lambda _: None)
    at = inventory.replication_group(api, "orders").configuration_endpoint
    assert at is not None
    with client_of(at.address, at.port) as data:
        for number in range(200):
            data.set(f"text:{number}", f"{number}" * 20)
        data.hset("hash", mapping={f"field:{number}": number for number in range(300)})
        data.rpush("list", *range(50))
        data.sadd("set", *range(50))
        data.zadd("sorted", {f"member:{number}": number for number in range(50)})
        data.xadd("stream", {"a": "b"}, id="1-1")
        data.set("passing", "soon", ex=3600)
    run("snapshot", "create", "orders", "--name", "taken", "--digest")
    return "orders"


def test_the_snapshot_bears_the_digest_of_the_group(api: Session, orders: str) -> None:
    """206 keys, and what a second look gives."""
    found = content.read(inventory.replication_group(api, orders), Access())

    assert found.keys == 206
    assert snapshot.tagged_digest(api, snapshot.named(api, "taken").arn) == found.text


def test_three_node_groups_hold_what_two_held(api: Session, orders: str) -> None:
    """The command compares and says so; the slots are others."""
    told = run("snapshot", "restore", "taken", "wider", "--node-groups", "3", "--digest")

    assert told["content"] == "the same"
    assert len(inventory.replication_group(api, "wider").node_groups) == 3
    del orders


def test_a_key_that_was_changed_is_noticed(api: Session, orders: str) -> None:
    """The negative control: one byte of one value."""
    group = inventory.replication_group(api, "wider")
    before = content.read(group, Access())
    at = group.configuration_endpoint
    assert at is not None
    with client_of(at.address, at.port) as data:
        data.hset("hash", "field:7", "8")

    after = content.read(group, Access())

    assert (after.keys, after.value == before.value) == (before.keys, False)
    del orders


def test_what_goes_over_s3_to_another_region_is_restored_there(api: Session, orders: str) -> None:
    """Objects, their slots and the digest; on AWS the bucket must let ElastiCache write."""
    far = "us-west-2"
    s3: Any = api.changing("s3")
    s3.create_bucket(Bucket="here", CreateBucketConfiguration={"LocationConstraint": api.region})
    api.changing("s3", far).create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": far})

    run("snapshot", "export", "taken", "--bucket", "here", "--to-bucket", "there", "--to-region", far)
    again = run("snapshot", "export", "taken", "--bucket", "here", "--to-bucket", "there", "--to-region", far)
    told = run(
        "snapshot", "restore", "taken", "far", "--from-s3", "there", "--replicas", "0", "--digest", "--region", far,
        "--subnet-group", make_subnet_group(api.elsewhere(far)),
    )  # fmt: skip

    assert again["applied"]
    assert told["content"] == "the same"
    del orders
