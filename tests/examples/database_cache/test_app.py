"""The stack of the shop: what its containers run and are told."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from elasticache_kit.model.environment import DATABASE_SECRET_VARIABLE
from tests.examples.database_cache.conftest import SHOP


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize the app."""
    app = App(outdir=str(tmp_path_factory.mktemp("shop")))
    runpy.run_path(str(SHOP / "app.py"))["ShopStack"](app, "shop")
    return Path(app.synth().directory)


@pytest.fixture(scope="module")
def containers(assembly: Path) -> dict[str, dict[str, Any]]:
    """Return the containers of all tasks by name."""
    template = json.loads((assembly / "shop.template.json").read_text())
    tasks = [item for item in template["Resources"].values() if item["Type"] == "AWS::ECS::TaskDefinition"]
    return {item["Name"]: item for task in tasks for item in task["Properties"]["ContainerDefinitions"]}


def test_each_container_is_told_where_database_and_cache_are(containers: dict[str, dict[str, Any]]) -> None:
    """The shop, its migration and the listener, alike."""
    assert sorted(containers) == ["Listener", "Migration", "Shop"]
    for container in containers.values():
        names = {item["Name"] for item in container["Environment"]}
        assert {"ELASTICACHE_KIT_ENDPOINT", "PGHOST", DATABASE_SECRET_VARIABLE} <= names


def test_the_shop_waits_for_its_migration(containers: dict[str, dict[str, Any]]) -> None:
    """And ends when it fails."""
    assert containers["Shop"]["DependsOn"] == [{"ContainerName": "Migration", "Condition": "SUCCESS"}]


def test_the_listener_invalidates_the_keys_of_the_shop(containers: dict[str, dict[str, Any]]) -> None:
    """The prefix is the one of the store's Policy."""
    command = containers["Listener"]["Command"]
    prefix = command[command.index("--prefix") + 1]
    assert f'Policy(prefix="{prefix}")' in (SHOP / "shop/cached.py").read_text()


def test_the_image_is_the_shop_and_nothing_else(assembly: Path) -> None:
    """Neither the app that deploys it nor what Python has compiled."""
    (asset,) = assembly.glob("asset.*")
    files = {str(file.relative_to(asset)) for file in asset.rglob("*") if file.is_file()}
    assert {"Dockerfile", "requirements.txt", "shop/__main__.py", "shop/migrations/0002_outbox.sql"} <= files
    assert not [name for name in files if name.endswith(".pyc") or Path(name).name in {"app.py", "run.py", "cdk.json"}]
