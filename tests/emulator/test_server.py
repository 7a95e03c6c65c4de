"""An emulator in this process: one port, what it says of itself, and moto as it was before afterwards."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.cloudformation import parsing
from moto.cloudformation import urls as cloudformation_urls
from moto.cloudformation.models import cloudformation_backends
from moto.elasticache import urls as elasticache_urls
from moto.elasticache.models import elasticache_backends
from moto.s3.models import FakeBucket

from elasticache_kit import __version__
from elasticache_kit.emulator import capability, runtime
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.errors import EmulatorError, MissingToolError, PortInUseError
from tests.emulator.wire import client_of, make_group, make_subnet_group, make_subnets


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another listener has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def seams() -> list[Any]:
    """Return everything of moto that an emulator exchanges."""
    backends: list[Any] = [elasticache_backends, cloudformation_backends]
    permission: Any = FakeBucket
    return [
        *(item.backend for item in backends),
        elasticache_urls.url_paths["{0}/$"],
        cloudformation_urls.url_paths["{0}/$"],
        permission.get_permission,
        runtime.current(),
    ]


def test_it_says_what_it_is(control_plane: Emulator) -> None:
    """Name, version, account, profile: what commands and drills ask before they do anything."""
    said = capability.ask(control_plane.endpoint_url)

    assert said == {
        "name": "elasticache-kit",
        "version": __version__,
        "account": "123456789012",
        "profile": "instant",
        "resolver": None,
        "control_plane_only": [],
        "ca_file": None,
        "engine_pids": [],
        "engines": {},
        "faults": ["api-throttling", "blocked-failover", "failed-recovery"],
        "kept": [],
        "not_kept": [],
        "notes": [],
    }


def test_every_other_path_is_the_api(control_plane: Emulator) -> None:
    """AWS's services answer at the same address."""
    account = client_of(control_plane.endpoint_url)("sts").get_caller_identity()["Account"]

    assert account == control_plane.account_id


def test_a_port_in_use_is_one_sentence(tmp_path: Path, taken: int) -> None:
    """The port, and what to do."""
    with pytest.raises(PortInUseError, match=rf"port {taken} on 127\.0\.0\.1 cannot be used: .*--port"):
        Emulator(tmp_path, port=taken, engines=False)


def test_a_missing_engine_leaves_the_port_free(tmp_path: Path) -> None:
    """The port was taken first, and is given back."""
    port = free_port()

    with pytest.raises(MissingToolError):
        Emulator(tmp_path, port=port, engine_binary=tmp_path / "none")

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


def test_stopping_twice_does_no_harm(tmp_path: Path) -> None:
    """Neither does stopping one that never started; the port is free afterwards."""
    emulator = Emulator(tmp_path, timing=INSTANT, engines=False).start()

    emulator.stop()
    emulator.stop()
    Emulator(tmp_path, engines=False).stop()

    with pytest.raises(OSError, match=r"refused|reset"):
        capability.ask(emulator.endpoint_url)


def test_moto_is_put_back_as_it_was(tmp_path: Path) -> None:
    """Backends, dispatchers and the bucket policy of stock moto are there again, exchanged once they are needed."""
    before = seams()

    with Emulator(tmp_path, timing=INSTANT, engines=False) as emulator:
        client_of(emulator.endpoint_url)("cloudformation").describe_stacks()
        during = seams()

    assert all(mine is not stock for mine, stock in zip(during, before, strict=True))
    assert seams() == before


def test_resource_types_are_known(control_plane: Emulator) -> None:
    """CloudFormation finds the types that this kit adds to it."""
    client_of(control_plane.endpoint_url)("cloudformation").describe_stacks()
    ours = {"AWS::ElastiCache::ParameterGroup", "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup"}

    assert ours | {"AWS::S3::BucketPolicy"} <= parsing.get_model_map().keys()


def test_nothing_is_remembered_by_the_next_one(tmp_path: Path) -> None:
    """The state of moto belongs to the process: an emulator that starts has none of the one before."""
    with Emulator(tmp_path, timing=INSTANT, engines=False) as first:
        client = client_of(first.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, NumCacheClusters=2)
        known = {vpc["VpcId"] for vpc in client("ec2").describe_vpcs()["Vpcs"]}

    with Emulator(tmp_path, timing=INSTANT, engines=False) as second:
        client = client_of(second.endpoint_url)
        assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
        assert client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"] == []
        assert not known & {vpc["VpcId"] for vpc in client("ec2").describe_vpcs()["Vpcs"]}


def test_one_emulator_runs_in_a_process(tmp_path: Path) -> None:
    """A second one would empty the services of the first: it is refused, and may start when the first has stopped."""
    second = Emulator(tmp_path / "second", engines=False)
    with (
        Emulator(tmp_path / "first", engines=False),
        pytest.raises(EmulatorError, match="runs in this process already"),
    ):
        second.start()

    with second:
        assert second.capability["name"] == "elasticache-kit"
