"""The stack of a cache in front of a database."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.database_cache import APPLICATION
from tests.stacks.conftest import resources, templates


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The stack in the small environment."""
    return templates()["database-cache"]


def containers(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the containers of all task definitions by name."""
    definitions = resources(template, "AWS::ECS::TaskDefinition")
    return {item["Name"]: item for definition in definitions for item in definition["ContainerDefinitions"]}


def test_application_and_listener_are_one_image_with_two_commands(template: dict[str, Any]) -> None:
    """Built from the folder of the application; each says its command, which is how it runs locally."""
    found = containers(template)

    assert set(found) == {"Application", "Listener"}
    assert str(found["Application"]["Image"]) == str(found["Listener"]["Image"])
    assert found["Application"]["Command"] == ["python", "orders.py"]
    assert found["Listener"]["Command"][:4] == ["python", "-m", "elasticache_kit.cache.outbox", "run"]
    assert {path.name for path in APPLICATION.iterdir()} >= {"Dockerfile", "orders.py", "requirements.txt"}


def test_both_find_cache_and_database(template: dict[str, Any]) -> None:
    """And no secret is in a template."""
    for container in containers(template).values():
        named = {item["Name"] for item in container["Environment"]}
        assert {"ELASTICACHE_KIT_ENDPOINT", "PGHOST", "ELASTICACHE_KIT_DATABASE_SECRET_ARN"} <= named
        assert "PASSWORD" not in str(container).upper()


def test_tasks_need_no_way_to_the_internet(template: dict[str, Any]) -> None:
    """Images, logs and secrets come by endpoints, where nobody else is let in."""
    endpoints = resources(template, "AWS::EC2::VPCEndpoint")
    services = resources(template, "AWS::ECS::Service")
    interfaces = [item for item in endpoints if item["VpcEndpointType"] == "Interface"]
    open_to = [item for item in resources(template, "AWS::EC2::SecurityGroup") if item.get("SecurityGroupIngress")]

    assert (len(interfaces), len(endpoints)) == (4, 5)
    assert all(item["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED" for item in services)
    assert open_to == []
