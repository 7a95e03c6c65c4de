"""The stack of the example: what the instances get, and who is let in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, IgnoreStrategy

from examples.sessions.app import IMAGE, ROOT, ShopStack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


def resources(**context: str) -> dict[str, list[dict[str, Any]]]:
    """Synthesize the stack and return the properties of its resources by their types."""
    app = App(context=context)
    ShopStack(app, "shop")
    template: dict[str, Any] = app.synth().get_stack_by_name("shop").template
    found: dict[str, list[dict[str, Any]]] = {}
    for item in template["Resources"].values():
        found.setdefault(item["Type"].removeprefix("AWS::"), []).append(item.get("Properties", {}))
    return found


@pytest.fixture(scope="module")
def plain() -> dict[str, list[dict[str, Any]]]:
    """The stack with nothing said."""
    return resources()


def test_instances_learn_of_the_sessions_and_sign_in_with_iam(plain: dict[str, list[dict[str, Any]]]) -> None:
    """Variables, no secret, and the permission to connect."""
    (definition,) = plain["ECS::TaskDefinition"]
    (container,) = definition["ContainerDefinitions"]
    given = {item["Name"]: item["Value"] for item in container["Environment"]}

    assert {"ELASTICACHE_KIT_ENDPOINT", "ELASTICACHE_KIT_USER", "ELASTICACHE_KIT_CACHE_NAME"} <= set(given)
    assert (given["ELASTICACHE_KIT_AUTH"], given["ELASTICACHE_KIT_TLS"]) == ("iam", "true")
    assert "Secrets" not in container
    assert "elasticache:Connect" in json.dumps(plain["IAM::Policy"])


def test_there_are_two_instances_and_nothing_is_evicted(plain: dict[str, list[dict[str, Any]]]) -> None:
    """One would prove nothing."""
    (service,) = plain["ECS::Service"]
    (parameters,) = plain["ElastiCache::ParameterGroup"]

    assert service["DesiredCount"] == 2
    assert parameters["Properties"] == {"maxmemory-policy": "noeviction"}


def test_the_image_does_not_hold_what_a_deployment_writes() -> None:
    """Else `cdk deploy` in the folder of the example copies its output into itself without end."""
    ignored = IgnoreStrategy.docker(str(ROOT), IMAGE)
    folder = ROOT / "examples/sessions"

    assert ignored.completely_ignores(str(folder / "cdk.out"))
    assert ignored.ignores(str(folder / "cdk.out/asset.1/LICENSE"))
    assert ignored.ignores(str(folder / "__pycache__/shop.cpython-313.pyc"))
    assert not ignored.ignores(str(folder / "shop.py"))
    assert not ignored.ignores(str(ROOT / "constructs/elasticache_kit/cache/__init__.py"))


def test_nobody_is_let_in_without_a_certificate(plain: dict[str, list[dict[str, Any]]]) -> None:
    """A cookie for HTTPS only is of no use without HTTPS."""
    with_certificate = resources(certificate_arn=CERTIFICATE)

    assert "ElasticLoadBalancingV2::LoadBalancer" not in plain
    (listener,) = with_certificate["ElasticLoadBalancingV2::Listener"]
    assert (listener["Protocol"], listener["Certificates"]) == ("HTTPS", [{"CertificateArn": CERTIFICATE}])
