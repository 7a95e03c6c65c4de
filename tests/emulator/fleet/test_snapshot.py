"""RDB files of running groups, and groups that start from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator.fleet import SignIn, password_hash
from elasticache_kit.errors import EngineStartError
from tests.emulator.fleet.contents import digest

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

TOKEN = "a-token-0123456789"  # noqa: S105 -- of nobody
FUNCTION = "#!lua name=mine\nserver.register_function('answer', function() return 42 end)"


def fill(client: Any) -> None:
    """Write values of every type, some that expire, and keys that are no text."""
    for number in range(1000):
        client.set(f"string-{number}", "x" * number, **({"ex": 3600} if number % 3 == 0 else {}))
    for number in range(20):
        client.rpush(f"list-{number}", *range(number + 1))
        client.sadd(f"set-{number}", *(f"member-{member}" for member in range(10 * number + 1)))
        client.hset(f"hash-{number}", mapping={f"field-{field}": field for field in range(10 * number + 1)})
        client.zadd(f"zset-{number}", {f"member-{member}": member / 3 for member in range(10 * number + 1)})
        client.xadd(f"stream-{number}", {"field": number}, id="1-1")
    client.set(b"\x00\xff{tag}\r\n", b"\xff\x00")


def test_a_snapshot_starts_groups_of_any_shape(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, connect_cluster: Connecting, tmp_path: Path
) -> None:
    """Cluster mode disabled to disabled, to three shards, to two: equal keys, values and ends of life each time."""
    shared_fleet.start_group(order("one", nodes=2))
    primary = connect(shared_fleet.primary_endpoint("one") or "", decode_responses=False)
    fill(primary)
    primary.function_load(FUNCTION)
    expected = digest(shared_fleet, "one")
    assert expected[0] == 1101
    files = tuple(shared_fleet.snapshot("one", tmp_path / "one").values())
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600]
    # What comes after the snapshot is not in it.
    primary.flushall()

    shared_fleet.start_group(order("same", nodes=2, seed=files))
    assert digest(shared_fleet, "same") == expected
    assert connect(shared_fleet.reader_endpoint("same") or "").dbsize() == expected[0]

    shared_fleet.start_group(order("three", shards=3, nodes=2, seed=files))
    assert digest(shared_fleet, "three") == expected
    client = connect_cluster(shared_fleet.configuration_endpoint("three") or "")
    assert client.get("string-5") == "xxxxx"
    assert client.execute_command("FCALL", "answer", 0, target_nodes=client.get_primaries()[0]) == 42

    of_three = shared_fleet.snapshot("three", tmp_path / "three")
    assert set(of_three) == {"0001", "0002", "0003"}
    shared_fleet.start_group(order("two", shards=2, seed=tuple(of_three.values())))
    assert digest(shared_fleet, "two") == expected
    assert len(list(tmp_path.rglob("*.rdb"))) == 4


def test_a_group_with_a_token_starts_from_a_snapshot(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, tmp_path: Path
) -> None:
    """Its data are there for who has the token; a primary that is rebooted does not go back to the snapshot."""
    shared_fleet.start_group(order("open"))
    connect(shared_fleet.primary_endpoint("open") or "").set("key", "value")
    files = tuple(shared_fleet.snapshot("open", tmp_path).values())
    sign_in = SignIn(token_hashes=(password_hash(TOKEN),))
    shared_fleet.start_group(order("guarded", shards=1, seed=files, sign_in=sign_in))
    address = shared_fleet.node_address("guarded", "guarded-0001-001")
    assert connect(address, password=TOKEN).get("key") == "value"
    shared_fleet.start_group(order("rebooted", seed=files))
    shared_fleet.restart("rebooted", "rebooted-001")
    assert connect(shared_fleet.primary_endpoint("rebooted") or "").dbsize() == 0


def test_a_durable_group_starts_from_a_snapshot(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, tmp_path: Path
) -> None:
    """An engine with an append only file reads nothing else, so its file begins with the snapshot."""
    shared_fleet.start_group(order("taken"))
    connect(shared_fleet.primary_endpoint("taken") or "").set("key", "value")
    files = tuple(shared_fleet.snapshot("taken", tmp_path).values())

    shared_fleet.start_group(order("durable", nodes=2, seed=files, durable=True))

    assert digest(shared_fleet, "durable") == digest(shared_fleet, "taken")
    assert connect(shared_fleet.reader_endpoint("durable") or "").get("key") == "value"


def test_several_databases_fit_into_a_group_without_cluster_mode_only(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, tmp_path: Path
) -> None:
    """As on AWS: a cluster has database 0. Nothing of the group that failed is left."""
    shared_fleet.start_group(order("many"))
    connect(shared_fleet.primary_endpoint("many") or "", db=3).set("key", "value")
    files = tuple(shared_fleet.snapshot("many", tmp_path).values())
    shared_fleet.start_group(order("again", seed=files))
    assert connect(shared_fleet.primary_endpoint("again") or "", db=3).get("key") == "value"
    before = shared_fleet.pids()
    with pytest.raises(EngineStartError, match="has keys in db3"):
        shared_fleet.start_group(order("cluster", shards=1, seed=files))
    assert shared_fleet.pids() == before
    with pytest.raises(EngineStartError, match="cannot start with 2 files"):
        shared_fleet.start_group(order("both", seed=files * 2))
    assert shared_fleet.pids() == before


@pytest.mark.parametrize("shards", [None, 1])
def test_a_file_that_is_no_snapshot_is_quoted(
    shared_fleet: Fleet, order: Ordering, tmp_path: Path, shards: int | None
) -> None:
    """The error has the engine's words, and nothing is left."""
    broken = tmp_path / "broken.rdb"
    broken.write_text("no snapshot at all")
    before = shared_fleet.pids()
    with pytest.raises(EngineStartError, match="signature"):
        shared_fleet.start_group(order("broken", shards=shards, seed=(broken,)))
    assert shared_fleet.pids() == before


def test_the_digest_sees_every_change(shared_fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """The control: a changed value, a changed end of life and a lost key change it."""
    shared_fleet.start_group(order("watched"))
    client = connect(shared_fleet.primary_endpoint("watched") or "")
    client.set("key", "value", exat=4_000_000_000)
    client.sadd("set", 1, 2)
    seen = [digest(shared_fleet, "watched")]
    for change in (
        ("SET", "key", "other", "KEEPTTL"),
        ("EXPIREAT", "key", 4_000_000_001),
        ("SREM", "set", 1),
        ("DEL", "key"),
    ):
        client.execute_command(*change)
        seen.append(digest(shared_fleet, "watched"))
    assert len(set(seen)) == 5
