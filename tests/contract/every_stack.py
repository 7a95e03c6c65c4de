"""The app of this repository deployed whole: where it is, what is there, and what may be left of it."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from aws_cdk import App

from app import define
from elasticache_kit.emulator import cdk_cli
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.contract.conftest import QUIET, Done, Target
from tests.contract.holding import holdings
from tests.emulator.wire import Client, client_of
from tests.stacks.conftest import CONTEXT

REGIONS = ("eu-west-1", "us-east-1")
AT_ONCE = ("--concurrency", "4")
EVERYWHERE = {"backup_copy_region": "us-east-1", "notification_email": "oncall@example.com"}
# Where caches ask for no sign-in with IAM, which drills do not know.
DRILLED = {"drill_schedule": "cron(0 4 ? * TUE,FRI *)"}
# What can change in every cache without another one being made.
CHANGED = {
    "backup_hour": "4",
    "data_storage_maximum": "2",
    "num_cache_clusters": "2",
    "num_cache_nodes": "4",
    "num_node_groups": "2",
    "replicas_per_node_group": "2",
    "snapshot_retention_limit": "3",
}
CACHES = ("ReplicationGroups", "CacheClusters", "ServerlessCaches", "GlobalReplicationGroups", "Users", "UserGroups")


class Place:
    """An emulator, the CDK CLI that leads to it, and what it holds in both Regions."""

    def __init__(self, emulator: Emulator, target: Target) -> None:
        self.emulator, self.target = emulator, target
        self.clients: dict[str, Client] = {name: client_of(emulator.endpoint_url, name) for name in REGIONS}

    def holds(self) -> set[tuple[str, str]]:
        """Return everything that there is: resources and files.

        Certificates are of addresses, not of caches: the next cache at an address takes the one that is there.
        """
        here = self.emulator.directory
        files = {("file", str(path)) for path in here.rglob("*") if path.is_file() and path.parent != here / "tls"}
        return files.union(*(holdings(client) for client in self.clients.values()))

    def of(self, kind: str) -> set[str]:
        """Return the resources of one kind."""
        return {name for found, name in self.holds() if found == kind}

    def cdk(self, command: str, assembly: Path, *arguments: str) -> Done:
        """Run the CDK CLI over all stacks of an assembly."""
        return self.target.cdk(command, assembly, *arguments)


@contextmanager
def bootstrapped(directory: Path, *, engines: bool) -> Generator[Place]:
    """Run an emulator whose Regions are bootstrapped."""
    log = directory / "cdk.log"
    with Emulator(directory / "emulator", timing=INSTANT, engines=engines) as emulator:

        def run(arguments: list[str], *, cwd: Path | None = None) -> Done:
            log.write_bytes(b"")
            # Not from the top of the repository: the CLI would run the app of cdk.json, even for a bootstrap.
            where = cwd or directory
            code = cdk_cli.run(arguments, emulator.endpoint_url, home=directory / "cdk", log=log, cwd=where)
            return Done(code, log.read_text())

        done = run(["bootstrap", *(f"aws://{emulator.account_id}/{name}" for name in REGIONS), *QUIET])
        assert done.code == 0, done.text
        yield Place(emulator, Target("emulator", run, {}, None, directory))


def synthesize(context: Mapping[str, str], folder: Path) -> Path:
    """Synthesize the app and return its cloud assembly."""
    app = App(context={**CONTEXT, **context}, outdir=str(folder))
    define(app)
    return Path(app.synth().directory)


def resources(assembly: Path, stacks: str = "*") -> list[dict[str, Any]]:
    """Return every resource of an assembly, or of those of its stacks whose names are like this."""
    paths = [assembly / f"{name}.template.json" for name in stacks_of(assembly, stacks)]
    found = [json.loads(path.read_text())["Resources"] for path in paths]
    return [item for template in found for item in template.values()]


def stacks_of(assembly: Path, like: str = "*") -> list[str]:
    """Name the stacks of an assembly; those that are not like a pattern which begins with an exclamation mark."""
    names = sorted(path.name.removesuffix(".template.json") for path in assembly.glob("*.template.json"))
    return [name for name in names if fnmatch(name, like.removeprefix("!")) != like.startswith("!")]


def asked_for(found: list[dict[str, Any]], kind: str, policy: str) -> int:
    """Count the resources of a type that have a deletion policy."""
    return sum(item["Type"] == kind and item.get("DeletionPolicy") == policy for item in found)


def final_names(found: list[dict[str, Any]]) -> set[str]:
    """Return what the final snapshots of serverless caches shall be called."""
    names = [item["Properties"].get("FinalSnapshotName") for item in found if "Properties" in item]
    return {str(name) for name in names if name}


def deploy(place: Place, assembly: Path, *stacks: str) -> dict[str, dict[str, str]]:
    """Deploy stacks and return their outputs."""
    return place.target.deploy(assembly, *stacks, *AT_ONCE, "--method", "direct")


def remove_kept(place: Place, before: set[tuple[str, str]]) -> None:
    """Remove what templates ask to keep: a final snapshot has the same name when the next test destroys its cache."""
    left = place.holds() - before
    for region, client in place.clients.items():
        api = client("elasticache")
        for kind, arn in left:
            if kind == "ServerlessCacheSnapshots" and f":{region}:" in arn:
                api.delete_serverless_cache_snapshot(ServerlessCacheSnapshotName=arn.rpartition(":")[2])
            elif kind == "Snapshots" and f":{region}:" in arn:
                api.delete_snapshot(SnapshotName=arn.rpartition(":")[2])
    for kind, name in left:
        if kind == "Buckets":
            place.clients["eu-west-1"]("s3").delete_bucket(Bucket=name)


def check_gone(place: Place, before: set[tuple[str, str]], assembly: Path, stacks: str = "*") -> None:
    """Assert that nothing is left but what the templates ask to keep, and nothing at all once that is removed."""
    found, left = resources(assembly, stacks), place.holds() - before
    kinds = sorted(kind for kind, _ in left if kind != "file")
    groups = asked_for(found, "AWS::ElastiCache::ReplicationGroup", "Snapshot")
    buckets = asked_for(found, "AWS::S3::Bucket", "Retain")
    serverless = {name for kind, name in left if kind == "ServerlessCacheSnapshots"}
    assert groups
    assert buckets
    assert before <= place.holds()
    assert kinds == sorted(
        ["Snapshots"] * groups + ["Buckets"] * buckets + ["ServerlessCacheSnapshots"] * len(serverless)
    )
    assert {name.rpartition(":")[2] for name in serverless} == final_names(found)
    remove_kept(place, before)
    # With engines the files of those snapshots were there.
    still = sorted(place.holds() - before)
    assert not still, still
