"""Every stack of this repository, by the real CDK CLI, in both Regions of its global datastore; no engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.cloudformation.resource import DEAD_TYPES, unsupported
from tests.contract.every_stack import (
    AT_ONCE,
    CACHES,
    CHANGED,
    DRILLED,
    EVERYWHERE,
    Place,
    bootstrapped,
    check_gone,
    deploy,
    resources,
    synthesize,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = ("--all", *AT_ONCE)
PROD = pytest.param({"environment": "prod"}, id="prod", marks=pytest.mark.prove)

pytestmark = pytest.mark.cli


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An emulator whose Regions are bootstrapped."""
    with bootstrapped(tmp_path_factory.mktemp("place"), engines=False) as made:
        yield made


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Synthesize the app, each shape once."""
    known: dict[tuple[tuple[str, str], ...], Path] = {}

    def make(context: Mapping[str, str]) -> Path:
        key = tuple(sorted(context.items()))
        if key not in known:
            known[key] = synthesize(context, tmp_path_factory.mktemp("assembly"))
        return known[key]

    return make


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("context", [DRILLED, {"environment": "prod", **EVERYWHERE}], ids=["dev", "prod"])
def test_every_type_is_supported(synthesized: Callable[[Mapping[str, str]], Path], context: dict[str, str]) -> None:
    """Whatever the stacks synthesize today; one that nobody has is named beside them."""
    found = {item["Type"] for item in resources(synthesized(context))}

    assert len(found) > 20
    assert not found & DEAD_TYPES
    assert unsupported({*found, "AWS::Nowhere::Thing"}) == ["AWS::Nowhere::Thing"]


@pytest.mark.parametrize("context", [pytest.param(DRILLED, id="dev"), PROD])
def test_every_stack_is_deployed_and_goes_without_a_trace(
    place: Place, synthesized: Callable[[Mapping[str, str]], Path], context: dict[str, str]
) -> None:
    """In between nothing differs, nothing has drifted, and what is changed by hand is found."""
    assembly, before = synthesized(context), place.holds()

    outputs = deploy(place, assembly, "--all")
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
    deploy(place, first, "--all")
    then = {kind: place.of(kind) for kind in CACHES if kind != "CacheClusters"}
    different = place.cdk("diff", second, "--all", "--fail", "--method", "template")

    deploy(place, second, "--all")
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
