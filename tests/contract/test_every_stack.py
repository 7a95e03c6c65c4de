"""Every stack of this repository, by the real CDK CLI, in both Regions of its global datastore; no engines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from app import define
from elasticache_kit.emulator import cdk_cli
from elasticache_kit.emulator.cloudformation.resource import DEAD_TYPES, unsupported
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.contract.conftest import QUIET, Done, Target
from tests.contract.holding import holdings
from tests.emulator.wire import Client, client_of
from tests.stacks.conftest import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

REGIONS = ("eu-west-1", "us-east-1")
ALL = ("--all", "--concurrency", "4")
PROD = pytest.param({"environment": "prod"}, id="prod", marks=pytest.mark.prove)
EVERYWHERE = {"backup_copy_region": "us-east-1", "notification_email": "oncall@example.com"}
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

pytestmark = pytest.mark.cli


class Place:
    """An emulator, the CDK CLI that leads to it, and what it holds in both Regions."""

    def __init__(self, emulator: Emulator, target: Target) -> None:
        self.emulator, self.target = emulator, target
        self.clients: dict[str, Client] = {name: client_of(emulator.endpoint_url, name) for name in REGIONS}

    def holds(self) -> set[tuple[str, str]]:
        """Return everything that there is: resources and files."""
        files = {("file", str(path)) for path in self.emulator.directory.rglob("*")}
        return files.union(*(holdings(client) for client in self.clients.values()))

    def of(self, kind: str) -> set[str]:
        """Return the resources of one kind."""
        return {name for found, name in self.holds() if found == kind}

    def cdk(self, command: str, assembly: Path, *arguments: str) -> Done:
        """Run the CDK CLI over all stacks of an assembly."""
        return self.target.cdk(command, assembly, *arguments)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An emulator whose Regions are bootstrapped."""
    directory = tmp_path_factory.mktemp("place")
    log = directory / "cdk.log"
    with Emulator(directory / "emulator", timing=INSTANT, engines=False) as emulator:

        def run(arguments: list[str], *, cwd: Path | None = None) -> Done:
            log.write_bytes(b"")
            # Not from the top of the repository: the CLI would run the app of cdk.json, even for a bootstrap.
            where = cwd or directory
            code = cdk_cli.run(arguments, emulator.endpoint_url, home=directory / "cdk", log=log, cwd=where)
            return Done(code, log.read_text())

        done = run(["bootstrap", *(f"aws://{emulator.account_id}/{name}" for name in REGIONS), *QUIET])
        assert done.code == 0, done.text
        yield Place(emulator, Target("emulator", run, {}, None, directory))


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Synthesize the app, each shape once."""
    known: dict[tuple[tuple[str, str], ...], Path] = {}

    def make(context: Mapping[str, str]) -> Path:
        key = tuple(sorted(context.items()))
        if key not in known:
            app = App(context={**CONTEXT, **context}, outdir=str(tmp_path_factory.mktemp("assembly")))
            define(app)
            known[key] = Path(app.synth().directory)
        return known[key]

    return make


def resources(assembly: Path) -> list[dict[str, Any]]:
    """Return every resource of an assembly."""
    found = [json.loads(path.read_text())["Resources"] for path in sorted(assembly.glob("*.template.json"))]
    return [item for template in found for item in template.values()]


def asked_for(assembly: Path, kind: str, policy: str) -> int:
    """Count the resources of a type that have a deletion policy."""
    return sum(item["Type"] == kind and item.get("DeletionPolicy") == policy for item in resources(assembly))


def final_names(assembly: Path) -> set[str]:
    """Return what the final snapshots of serverless caches shall be called."""
    found = [item["Properties"].get("FinalSnapshotName") for item in resources(assembly) if "Properties" in item]
    return {str(name) for name in found if name}


def deploy(place: Place, assembly: Path) -> dict[str, dict[str, str]]:
    """Deploy everything and return the outputs by stack."""
    return place.target.deploy(assembly, *ALL, "--method", "direct")


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


def check_gone(place: Place, before: set[tuple[str, str]], assembly: Path) -> None:
    """Assert that nothing is left but what the templates ask to keep."""
    left = place.holds() - before
    kinds = sorted(kind for kind, _ in left)
    groups = asked_for(assembly, "AWS::ElastiCache::ReplicationGroup", "Snapshot")
    buckets = asked_for(assembly, "AWS::S3::Bucket", "Retain")
    serverless = {name for kind, name in left if kind == "ServerlessCacheSnapshots"}
    assert groups
    assert buckets
    assert before <= place.holds()
    assert kinds == sorted(
        ["Snapshots"] * groups + ["Buckets"] * buckets + ["ServerlessCacheSnapshots"] * len(serverless)
    )
    assert {name.rpartition(":")[2] for name in serverless} == final_names(assembly)
    remove_kept(place, before)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("context", [{}, {"environment": "prod", **EVERYWHERE}], ids=["dev", "prod"])
def test_every_type_is_supported(synthesized: Callable[[Mapping[str, str]], Path], context: dict[str, str]) -> None:
    """Whatever the stacks synthesize today; one that nobody has is named beside them."""
    found = {item["Type"] for item in resources(synthesized(context))}

    assert len(found) > 20
    assert not found & DEAD_TYPES
    assert unsupported({*found, "AWS::Nowhere::Thing"}) == ["AWS::Nowhere::Thing"]


@pytest.mark.parametrize("context", [pytest.param({}, id="dev"), PROD])
def test_every_stack_is_deployed_and_goes_without_a_trace(
    place: Place, synthesized: Callable[[Mapping[str, str]], Path], context: dict[str, str]
) -> None:
    """In between nothing differs, nothing has drifted, and what is changed by hand is found."""
    assembly, before = synthesized(context), place.holds()

    outputs = deploy(place, assembly)
    same = place.cdk("diff", assembly, "--all", "--fail", "--method", "template")
    in_sync = place.cdk("drift", assembly, "--fail")
    group = next(item["ReplicationGroupId"] for item in outputs.values() if "ReplicationGroupId" in item)
    api = place.clients["eu-west-1"]("elasticache")
    api.modify_replication_group(ReplicationGroupId=group, SnapshotRetentionLimit=9, ApplyImmediately=True)
    drifted = place.cdk("drift", assembly, "--fail")
    gone = place.cdk("destroy", assembly, *ALL, "--force")

    assert len(outputs) == len(list(assembly.glob("*.template.json")))
    assert (same.code, in_sync.code, gone.code) == (0, 0, 0), same.text + in_sync.text + gone.text
    assert drifted.code == 1
    assert "SnapshotRetentionLimit" in drifted.text
    check_gone(place, before, assembly)


@pytest.mark.prove
@pytest.mark.parametrize("context", [pytest.param({}, id="dev"), PROD])
def test_every_stack_is_updated_in_place(
    place: Place, synthesized: Callable[[Mapping[str, str]], Path], context: dict[str, str]
) -> None:
    """All sizes change, a mail address and a copy come; every cache stays the one that it was."""
    first, second, before = synthesized(context), synthesized({**context, **CHANGED, **EVERYWHERE}), place.holds()
    deploy(place, first)
    then = {kind: place.of(kind) for kind in CACHES if kind != "CacheClusters"}
    different = place.cdk("diff", second, "--all", "--fail", "--method", "template")

    deploy(place, second)
    now = {kind: place.of(kind) for kind in then}
    same = place.cdk("diff", second, "--all", "--fail", "--method", "template")
    drift = place.cdk("drift", second, "--fail")
    gone = place.cdk("destroy", second, *ALL, "--force")

    assert different.code == 1
    assert now == then
    assert all(then.values())
    assert (same.code, drift.code, gone.code) == (0, 0, 0), same.text + drift.text + gone.text
    check_gone(place, before, second)


def test_what_is_left_would_be_seen(place: Place) -> None:
    """A resource and a file that nobody removed are in what there is."""
    before = place.holds()
    place.clients["us-east-1"]("elasticache").create_user(
        UserId="left", UserName="left", Engine="valkey", AccessString="on ~* +@read", AuthenticationMode={"Type": "iam"}
    )
    place.emulator.directory.mkdir(exist_ok=True)
    (place.emulator.directory / "left").touch()

    left = place.holds() - before

    assert sorted(kind for kind, _ in left) == ["Users", "file"]
