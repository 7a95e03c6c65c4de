"""What the emulator remembers of what goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet.address import Addresses
from elasticache_kit.emulator.lifecycle import AWS, Job
from elasticache_kit.emulator.persistence import memory, pickling
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import client_of, make_group, make_subnet_group, make_subnets

NO_ADDRESSES = Addresses()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator whose jobs take minutes."""
    with Emulator(tmp_path, timing=AWS, engines=False) as emulator:
        yield emulator


def nothing() -> None:
    """Do nothing."""


def test_jobs_of_every_kind_can_be_written(slow: Emulator) -> None:
    """Each comes back with its name and with the region that it works on, the one of the backend."""
    client = client_of(slow.endpoint_url)
    elasticache = client("elasticache")
    make_subnet_group(client, make_subnets(client, "abc"))
    make_group(client)
    elasticache.create_cache_cluster(
        CacheClusterId="c", Engine="memcached", CacheNodeType="cache.t4g.small", NumCacheNodes=1
    )
    elasticache.create_serverless_cache(ServerlessCacheName="s", Engine="valkey")
    elasticache.create_user(
        UserId="u", UserName="u", Engine="valkey", AccessString="on ~* +@all", AuthenticationMode={"Type": "iam"}
    )
    elasticache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["u"])
    elasticache.modify_user(UserId="u", AccessString="off")
    client("cloudformation").create_stack(
        StackName="cut",
        TemplateBody='{"Resources": {"C": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {'
        '"ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t4g.small", '
        '"TransitEncryptionEnabled": false}}}}',
    )
    jobs = runtime.current().lifecycle.jobs

    back = pickling.loads(memory.written(memory.present(jobs, NO_ADDRESSES)))

    assert [job.name for job in back.jobs] == [job.name for job in jobs]
    assert len(jobs) >= 6
    (stack,) = [job for job in back.jobs if job.name == "stack cut"]
    assert len(stack.making) == 1
    region = back.backends["elasticache", "123456789012", "eu-west-1"].region
    assert stack.making[0].region is region


def test_a_job_that_cannot_be_written_is_left_out(slow: Emulator) -> None:
    """The state is written all the same."""
    client_of(slow.endpoint_url)("ssm").put_parameter(Name="/a", Value="1", Type="String")
    opened = Path(__file__).open()  # noqa: SIM115 - closed below
    with opened:
        jobs = (Job("good", nothing, making=[1]), Job("bad", nothing, making=[opened]))

        back = pickling.loads(memory.written(memory.present(jobs, NO_ADDRESSES)))

    assert [job.name for job in back.jobs] == ["good"]
    assert ("ssm", "123456789012", "eu-west-1") in back.backends
