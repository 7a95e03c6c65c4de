"""Clients from the environment, against real engines."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, get_args

import pytest

from elasticache_kit.cache import TIGHT, Patience, connect, connect_async
from elasticache_kit.cache.connection import Driver, refuse_replica
from elasticache_kit.cache.credential import SECRET_SECONDS, SecretCredentials, credentials
from elasticache_kit.cache.failure import explained
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.errors import ConnectionFailedError, MissingToolError, ValidationError
from elasticache_kit.model.environment import PREFIX, CacheEnvironment
from tests.cache.conftest import ACCESS_KEY, AUTH_TOKEN, PATIENT, SECRET_KEY, SecretsManager

pytestmark = pytest.mark.engine

LIBRARIES: tuple[Driver, ...] = get_args(Driver)
ONCE = Patience(connect_timeout=5, timeout=5, retries=0)
PONG = {True, b"PONG"}


@pytest.fixture(autouse=True)
def signer(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials that the engines' front knows."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_finds_each_shape(environ: dict[str, str], library: Driver) -> None:
    """With cluster mode disabled and enabled, a key that was written is read."""
    client = connect(environ=environ, library=library, patience=PATIENT)
    assert client.set("key", "value")
    assert client.get("key") == b"value"
    client.close()


@pytest.mark.parametrize("library", LIBRARIES)
def test_asyncio_does_too(environ: dict[str, str], library: Driver) -> None:
    """The same for asyncio."""

    async def use() -> None:
        client = await connect_async(environ=environ, library=library, patience=PATIENT)
        assert await client.set("key", "value")
        assert await client.get("key") == b"value"
        await (client.close() if library == "glide" else client.aclose())

    asyncio.run(use())


@pytest.mark.parametrize("library", LIBRARIES)
def test_iam_over_tls(secured: CacheEnvironment, library: Driver) -> None:
    """A token of AWS's own provider signs in, over a connection whose certificate was verified."""
    client = connect(environ=secured.to_env(), library=library, patience=PATIENT)
    assert client.ping() in PONG
    client.close()


@pytest.mark.parametrize("library", LIBRARIES)
def test_iam_over_tls_with_asyncio(secured: CacheEnvironment, library: Driver) -> None:
    """The same for asyncio."""

    async def use() -> Any:
        client = await connect_async(environ=secured.to_env(), library=library, patience=PATIENT)
        answer = await client.ping()
        await (client.close() if library == "glide" else client.aclose())
        return answer

    assert asyncio.run(use()) in PONG


def test_each_connection_has_a_token_of_its_own(secured: CacheEnvironment) -> None:
    """A token is signed when a connection is made, not when the client is."""
    signs_in = credentials(secured, PREFIX)
    assert signs_in is not None
    user, token = signs_in.get_credentials()  # pyright: ignore[reportAssignmentType] # IAM has a user
    assert user == "anna"
    assert "X-Amz-Expires=900" in token
    assert "ResourceType" not in token
    serverless = credentials(replace(secured, serverless=True), PREFIX)
    assert serverless is not None
    assert "ResourceType=ServerlessCache" in serverless.get_credentials()[-1]
    assert token not in repr(signs_in)


@pytest.mark.parametrize(
    ("library", "content"),
    [("valkey", "%s"), *((library, '{"username": "x", "password": "%s"}') for library in LIBRARIES)],
)
def test_the_password_of_a_secret(
    secrets_manager: SecretsManager, guarded: CacheEnvironment, library: Driver, content: str
) -> None:
    """An AUTH token is read from Secrets Manager, out of a JSON object or as it stands."""
    arn = secrets_manager.add(content % AUTH_TOKEN)
    client = connect(environ=replace(guarded, secret_arn=arn).to_env(), library=library)
    assert client.ping() in PONG
    client.close()


@pytest.mark.parametrize(
    ("content", "says"), [("wrong-token-0123456", "refused the sign-in with an AUTH token"), ('{"a": 1}', "`password`")]
)
def test_a_wrong_secret(secrets_manager: SecretsManager, guarded: CacheEnvironment, content: str, says: str) -> None:
    """The error names the variable, and does not hold what the secret holds."""
    arn = secrets_manager.add(content)
    with pytest.raises(ConnectionFailedError, match="ELASTICACHE_KIT_SECRET_ARN") as raised:
        connect(environ=replace(guarded, secret_arn=arn).to_env(), patience=ONCE)
    assert says in str(raised.value)
    assert content not in str(raised.value)


@pytest.mark.usefixtures("secrets_manager")
def test_a_secret_that_is_not_there(guarded: CacheEnvironment) -> None:
    """The error names the secret and the variable."""
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone"
    with pytest.raises(ConnectionFailedError, match="secret:gone of ELASTICACHE_KIT_SECRET_ARN cannot be read"):
        connect(environ=replace(guarded, secret_arn=arn).to_env(), patience=ONCE)


def test_a_rotated_secret_is_read_again() -> None:
    """After a minute a new connection takes the new password."""
    passwords, now = iter(["old", "new"]), [0.0]
    signs_in = SecretCredentials("anna", lambda: next(passwords), lambda: now[0])
    assert signs_in.get_credentials() == ("anna", "old")
    now[0] = SECRET_SECONDS - 1
    assert signs_in.get_credentials() == ("anna", "old")
    now[0] = SECRET_SECONDS
    assert signs_in.get_credentials() == ("anna", "new")
    assert "new" not in repr(signs_in)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"user": "bert"}, "refused the sign-in of bert with an IAM token. Look at ELASTICACHE_KIT_USER"),
    ({"cache_name": "customers"}, "ELASTICACHE_KIT_CACHE_NAME"),
    ({"auth": "none", "user": None}, "Look at ELASTICACHE_KIT_AUTH, which is 'none'"),
    ({"ca_file": None}, "is not signed by the authorities of the system. Look at ELASTICACHE_KIT_CA_FILE"),
    ({"port": 6378}, "6378. Look at ELASTICACHE_KIT_ENDPOINT and ELASTICACHE_KIT_PORT"),
    ({"auth": "none", "tls": False}, "ELASTICACHE_KIT_TLS = 'false'"),
    ({"ca_file": __file__}, f"ELASTICACHE_KIT_CA_FILE = {__file__!r} holds no certificate"),
    ({"topology": "cluster-mode-enabled"}, "has cluster mode disabled, and ELASTICACHE_KIT_TOPOLOGY is 'cluster-mode-"),
]


@pytest.mark.parametrize(("change", "says"), WRONG)
def test_what_is_refused_names_the_setting(secured: CacheEnvironment, change: dict[str, Any], says: str) -> None:
    """One clear error instead of the library's, at once and not with the first command."""
    with pytest.raises(ConnectionFailedError) as raised:
        connect(environ=replace(secured, **change).to_env(), patience=ONCE)
    assert says in str(raised.value)


@pytest.mark.parametrize("library", ["glide", "redis"])
def test_a_refused_token_is_said_by_each_library(secured: CacheEnvironment, library: Driver) -> None:
    """Whatever words the library has for it."""
    with pytest.raises(ConnectionFailedError, match="refused the sign-in of bert with an IAM token"):
        connect(environ=replace(secured, user="bert").to_env(), library=library, patience=ONCE)


@pytest.mark.parametrize("library", ["valkey", "redis"])
def test_a_certificate_for_another_host(secured: CacheEnvironment, library: Driver) -> None:
    """A name that leads to the node, and is not in its certificate, is refused."""
    # Every address of 127/8 leads to this machine, and its number is a name for it.
    a, b, c, d = map(int, secured.endpoint.split("."))
    alias = str((a << 24) + (b << 16) + (c << 8) + d)
    with pytest.raises(ConnectionFailedError, match=r"is for another host name\. Set ELASTICACHE_KIT_ENDPOINT"):
        connect(environ=replace(secured, endpoint=alias).to_env(), library=library, patience=ONCE)


@pytest.mark.parametrize(
    ("environ", "options", "says"),
    [
        ({}, {}, "ELASTICACHE_KIT_ENDPOINT is not set"),
        ({"PORT": "many", "TLS": "yes"}, {}, "PORT = 'many'"),
        ({"ENDPOINT": "h", "ENGINE": "memcached"}, {}, "elasticache_kit.cache.memcached.connect"),
        ({"ENDPOINT": "h", "AUTH": "iam"}, {}, "needs ELASTICACHE_KIT_USER"),
        ({"ENDPOINT": "h", "AUTH": "iam", "USER": "u"}, {}, "needs ELASTICACHE_KIT_CACHE_NAME"),
        (
            {"ENDPOINT": "h", "AUTH": "iam", "USER": "u", "CACHE_NAME": "c", "TLS": "false"},
            {},
            "needs ELASTICACHE_KIT_TLS",
        ),
        ({"ENDPOINT": "h", "AUTH": "password"}, {}, "needs ELASTICACHE_KIT_SECRET_ARN"),
        ({"ENDPOINT": "h"}, {"read_from": "replica"}, "needs ELASTICACHE_KIT_READER_ENDPOINT"),
        ({"ENDPOINT": "h"}, {"read_from": "az"}, "only valkey-glide knows zones"),
        ({"ENDPOINT": "h"}, {"read_from": "az"}, "needs availability_zone"),
        ({"ENDPOINT": "h", "READER_ENDPOINT": "r"}, {"read_from": "az"}, r"needs addresses=\[NodeAddress"),
        ({"ENDPOINT": "h:6379"}, {}, "is not a host name alone"),
        ({"ENDPOINT": "h", "CA_FILE": "/no/such.pem"}, {}, r"ELASTICACHE_KIT_CA_FILE = '/no/such\.pem' is no file"),
        ({"ENDPOINT": "h"}, {"read_from": "elsewhere"}, "is not primary, replica or az"),
        ({"ENDPOINT": "h"}, {"library": "memcache"}, "is not valkey, glide or redis"),
    ],
)
def test_a_wrong_environment(environ: dict[str, str], options: dict[str, Any], says: str) -> None:
    """Each is an error with the name of the variable, before anything is sent anywhere."""
    with pytest.raises(ValidationError, match=says):
        connect(environ={f"{PREFIX}{name}": text for name, text in environ.items()}, **options)


def test_nothing_falls_back_to_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment there is no client, even with a prefix of one's own."""
    for name in ("ELASTICACHE_KIT_ENDPOINT", "SESSIONS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError, match="SESSIONS_ENDPOINT is not set"):
        connect(prefix="SESSIONS_")


@pytest.mark.parametrize("read_from", ["replica", "az"])
def test_a_client_of_replicas_is_refused_where_reads_must_be_current(
    environ_of: Callable[[str], dict[str, str]], read_from: Literal["replica", "az"]
) -> None:
    """Whether we made it or somebody else."""
    client = connect(
        environ=environ_of("cluster"), read_from=read_from, availability_zone="eu-west-1a", library="glide"
    )
    with pytest.raises(ValidationError, match="read_from='primary'"):
        refuse_replica(client)
    client.close()
    other = connect(environ=environ_of("cluster"), read_from_replicas=True)
    with pytest.raises(ValidationError, match="read_from='primary'"):
        refuse_replica(other)
    other.close()


def test_reads_from_replicas(engines: Fleet) -> None:
    """The reader endpoint where cluster mode is disabled; valkey-glide writes to the primary all the same."""
    nodes = (NodePlan(cache_cluster_id="first"), NodePlan(cache_cluster_id="second"))
    node_group = NodeGroupPlan(node_group_id="0001", nodes=nodes)
    engines.start_group(GroupPlan(key="replicated", node_groups=(node_group,), cluster_mode=False, tls=False))
    environment = CacheEnvironment(
        endpoint=engines.primary_endpoint("replicated") or "",
        reader_endpoint=engines.reader_endpoint("replicated"),
        tls=False,
    )
    assert connect_role(environment.to_env(), "primary") == "master"
    assert connect_role(environment.to_env(), "replica") == "slave"
    spread = connect(environ=environment.to_env(), read_from="replica", library="glide")
    assert spread.set("key", "value") == "OK"
    spread.close()
    engines.stop_group("replicated")


def connect_role(environ: dict[str, str], read_from: Literal["primary", "replica"]) -> str:
    """Connect, and ask the node for its role."""
    client = connect(environ=environ, read_from=read_from)
    role = client.info("replication")["role"]
    client.close()
    return role


def test_timeouts_are_those_that_were_asked_for(environ_of: Callable[[str], dict[str, str]]) -> None:
    """And options of the library come before ours."""
    client = connect(environ=environ_of("standalone"), patience=TIGHT, socket_timeout=0.5)
    settings = client.connection_pool.connection_kwargs
    assert settings["socket_connect_timeout"] == TIGHT.connect_timeout
    assert settings["socket_timeout"] == 0.5
    client.close()


def test_a_library_that_is_not_installed() -> None:
    """The error says which extra to install."""
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "from elasticache_kit.cache import connect\n"
        "connect(environ={'ELASTICACHE_KIT_ENDPOINT': 'h'}, library='redis')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert MissingToolError.__name__ in done.stderr
    assert "pip install 'elasticache-kit[redis]'" in done.stderr


def test_an_import_of_the_package_brings_nothing_heavy() -> None:
    """All names together import no client library and no AWS SDK."""
    heavy = ("valkey", "redis", "glide", "glide_sync", "botocore", "dogpile", "psycopg", "django", "flask", "moto")
    program = (
        f"import sys\nfrom elasticache_kit.cache import *\nprint([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_errors_of_ours_stay_as_they_are() -> None:
    """What a credential provider said is not wrapped once more."""
    ours = ConnectionFailedError("no IAM token can be made: no credentials")
    wrapped = RuntimeError("library")
    wrapped.__cause__ = ours
    assert explained(wrapped, CacheEnvironment(endpoint="h"), PREFIX) is ours
