"""Clients under test, and how they are found."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from elasticache_kit.drills import client
from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.errors import ValidationError
from elasticache_kit.ops.inventory import Endpoint
from elasticache_kit.ops.resolver import Resolver
from tests.drills.forged import replication_group


@pytest.mark.parametrize("name", sorted(client.SUBJECTS))
def test_every_client_of_the_list_is_installed_here(name: str) -> None:
    """So that the matrix is whole; it says which version it had."""
    assert client.find(name).version


@pytest.mark.parametrize("name", ["jedis", "no.such.module:factory", "os.path:nothing", "os.path:sep"])
def test_a_client_that_is_not_there_is_said_with_those_that_are(name: str) -> None:
    """A path is imported before anything breaks."""
    with pytest.raises(ValidationError, match="valkey-py, redis-py, valkey-glide"):
        client.find(name)


def test_a_factory_of_the_users_own_is_called_with_the_target() -> None:
    """Its errors are its own."""
    found = client.find("tests.drills.factory:dead")

    assert (found.settings, found.version) == (client.USER_SETTINGS, None)
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(_make(found))


async def _make(found: client.Subject) -> client.Client:
    return await found.make(client.target(replication_group(), Access()))


def test_the_target_is_what_an_application_finds_in_its_environment() -> None:
    """The primary endpoint, or with cluster mode enabled the configuration endpoint."""
    group = replication_group()
    sharded = replace(group, cluster_enabled=True, configuration_endpoint=Endpoint("all.example", 6380))

    plain = client.target(group, Access(username="app", password="open sesame"))  # noqa: S106 - no secret
    cluster = client.target(sharded, Access(tls_context())).environment

    assert (plain.environment.endpoint, plain.environment.topology) == ("primary.example", "cluster-mode-disabled")
    assert (plain.username, plain.environment.tls) == ("app", False)
    assert (cluster.endpoint, cluster.port, cluster.topology, cluster.tls) == (
        "all.example",
        6380,
        "cluster-mode-enabled",
        True,
    )


def test_names_that_only_a_drill_can_resolve_are_refused() -> None:
    """A client that finds nobody would be reported as one that never recovers."""
    with pytest.raises(ValidationError, match="without --names"):
        client.target(replication_group(), Access(resolver=Resolver("127.0.0.1", 53, "example", 5)))
