"""Clients under test, and how they are found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import valkey

from elasticache_kit.drills import client
from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.errors import MissingToolError, ValidationError
from elasticache_kit.ops.inventory import Endpoint
from elasticache_kit.ops.resolver import Resolver
from tests.drills.forged import replication_group
from tests.drills.shard import PORT, Engines


@pytest.mark.parametrize("name", sorted(client.SUBJECTS))
def test_every_client_of_the_list_is_installed_here(name: str) -> None:
    """So that the matrix is whole; it says which version it had."""
    assert client.find(name).version


def test_a_client_that_is_not_installed_is_said_with_what_to_install() -> None:
    """The user's own brings its own."""
    found = replace(client.SUBJECTS["valkey-py"], module="no_such_library")

    assert not found.installed
    with pytest.raises(MissingToolError, match=r"pip install 'elasticache-kit\[drills\]'") as told:
        found.require()
    assert told.value.tool == "valkey"
    assert client.find("tests.drills.factory:dead").installed


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start one engine with a user `admin`, and give its address."""
    engines = Engines(tmp_path_factory.mktemp("client"))
    address = engines.block.take((PORT,))
    engines.start(address)
    engines.command(address, "ACL", "SETUSER", "admin", "on", ">admin", "~*", "+@all")
    yield address
    engines.stop()


@pytest.mark.engine
@pytest.mark.parametrize("name", ["valkey-py", "redis-py", "valkey-glide"])
def test_a_client_that_connects_anew_signs_in_with_the_password_of_the_moment(engine: str, name: str) -> None:
    """Its connections are cut after the password was replaced, and the old one signs in no more."""
    asked = client.Target(
        environment=replace(
            client.target(replication_group(), Access()).environment, endpoint=engine, reader_endpoint=None, port=PORT
        ),
        password=f"first of {name}",
    )

    def password(word: str) -> None:
        with valkey.Valkey(host=engine, port=PORT, username="admin", password="admin") as admin:  # noqa: S106 - a test's
            admin.execute_command("CONFIG", "SET", "requirepass", word)  # pyright: ignore[reportUnknownMemberType] - valkey-py is half typed
            admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # pyright: ignore[reportUnknownMemberType] - see above

    async def scenario() -> object:
        password(f"first of {name}")
        made: Any = await client.find(name).make(asked)
        await made.set("key", "1")
        asked.renew(f"second of {name}")
        await client.renew(made, f"second of {name}")
        password(f"second of {name}")
        # The first command after a cut may be lost with the connection; a client that is refused never comes back.
        for _ in range(20):
            with suppress(Exception):
                await made.set("key", "2")
                break
            await asyncio.sleep(0.05)
        try:
            return await made.get("key")
        finally:
            await (made.aclose() if hasattr(made, "aclose") else made.close())

    assert asyncio.run(scenario()) == b"2"


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
