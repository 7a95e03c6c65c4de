"""Whenever the emulator is killed: what it has acknowledged is there afterwards, and nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.persistence.victim import Victim
from tests.emulator.persistence.workload import KINDS, Workload
from tests.emulator.wire import until
from tests.property.depth import proving
from tests.property.evidence import PROPERTY
from tests.property.tally import Tally

# How often, and after how long at most.
KILLS, LONGEST_SECONDS = (100, 1.5) if proving() else (4, 0.6)


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """Emulators without engines over one directory."""
    made = Victim(tmp_path / "emulator")
    yield made
    made.kill()


def test_nothing_that_was_acknowledged_is_lost(victim: Victim, request: pytest.FixtureRequest) -> None:
    """Clients of five kinds of resources go on while it is killed at random moments, again and again."""
    tally = Tally("kill", "emulator without engines")
    try:
        kill_again_and_again(victim, tally)
    except AssertionError as found:
        tally.disagreement = str(found)
        raise
    finally:
        request.node.user_properties.append((PROPERTY, tally.document()))
    assert tally.seen["acknowledged requests"] >= KILLS // 2 * len(KINDS)


def kill_again_and_again(victim: Victim, tally: Tally) -> None:
    """Kill it, start it again, and compare what it has with what it had acknowledged."""
    random_source = random.Random(42)  # noqa: S311 - no secret
    victim.up()
    for number in range(KILLS):
        workload = Workload(victim.endpoint_url, seed=number)
        workload.start()
        if number % 2:
            # Every second one is killed at work; the others perhaps before they have done anything.
            until(lambda workload=workload: workload.acknowledged, lambda count: count >= len(KINDS))
        # Not to synchronise: the moment is what is tried.
        time.sleep(random_source.uniform(0.05, LONGEST_SECONDS))
        victim.kill()
        workload.end()
        tally.seen["acknowledged requests"] += workload.acknowledged

        client = victim.up()

        assert victim.notes == []
        groups = client("elasticache")
        until(
            lambda groups=groups: [
                item["Status"] for item in groups.describe_replication_groups()["ReplicationGroups"]
            ],
            lambda statuses: set(statuses) <= {"available"},
        )
        stacks = client("cloudformation")
        until(
            lambda stacks=stacks: [item["StackStatus"] for item in stacks.describe_stacks()["Stacks"]],
            lambda statuses: not [status for status in statuses if status.endswith("IN_PROGRESS")],
        )
        assert workload.lost(victim.endpoint_url) == []
        for stack in stacks.describe_stacks()["Stacks"]:
            if stack["StackStatus"] != "CREATE_COMPLETE":
                stacks.delete_stack(StackName=stack["StackName"])
                stacks.get_waiter("stack_delete_complete").wait(
                    StackName=stack["StackId"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
                )
        tally.outcomes["nothing lost"] += 1


def test_a_difference_would_be_found(victim: Victim) -> None:
    """The comparison that finds nothing above names a bucket that is gone and one that nobody made."""
    client = victim.up()
    client("s3").create_bucket(Bucket="name-1-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    workload = Workload(victim.endpoint_url, seed=0)
    client("s3").delete_bucket(Bucket="name-1-bucket")
    client("secretsmanager").create_secret(Name="name-2", SecretString="s")

    assert workload.lost(victim.endpoint_url) == ["secretsmanager name-2: is there", "s3 name-1: is not there"]
