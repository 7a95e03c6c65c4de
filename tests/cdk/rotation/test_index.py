"""The rotation function, run as plain Python against Secrets Manager and ElastiCache in memory."""

from __future__ import annotations

import ast
import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import ParamValidationError

from elasticache_kit.cdk.rotation import index
from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.cdk.rotation.fake_aws import Clock, ElastiCache, SecretsManager, validate
from tests.emulator.wire import client_of

ROTATED = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Password-AbCdEf"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
V0, V1, V2, V3, V9 = (digit * 32 for digit in "01239")
FIRST = "first".ljust(64, "x")


@dataclass
class World:
    """A secret with its first password, a rotation of it that begins, and ElastiCache with the same password."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.secrets = SecretsManager(self.clock)
        self.secrets.put(V1, json.dumps({"username": "orders", "password": FIRST}), "AWSCURRENT")
        self.secrets.begin(V2)
        self.elasticache = ElastiCache(self.clock, passwords=[FIRST])

    @property
    def current(self) -> str:
        """The password that the secret has for clients."""
        return json.loads(self.secrets.text("AWSCURRENT"))["password"]

    def step(self, target: index.Target, *steps: str, version: str = V2, keep_previous: bool = True) -> None:
        """Do steps of a rotation."""
        for step in steps:
            event = {"SecretId": ROTATED, "ClientRequestToken": version, "Step": step}
            index.rotate(event, self.secrets, target, keep_previous=keep_previous)


@pytest.fixture
def world() -> World:
    """A world of its own for each test."""
    return World()


Kind = Callable[[World], index.Target]


def _user(world: World) -> index.Target:
    return index.target_of({"USER_ID": "orders"}, world.elasticache, world.clock)


def _group(world: World) -> index.Target:
    return index.target_of({"REPLICATION_GROUP_ID": "orders"}, world.elasticache, world.clock)


@pytest.mark.parametrize("kind", [_user, _group])
def test_a_rotation_ends_with_both_passwords(kind: Kind, world: World) -> None:
    """After four steps the new password is current, and the one before still lets clients in."""
    target = kind(world)
    world.step(target, *STEPS)

    assert world.current != FIRST
    assert world.elasticache.passwords == [world.current, FIRST]
    assert json.loads(world.secrets.text("AWSCURRENT"))["username"] == "orders"


@pytest.mark.parametrize("kind", [_user, _group])
def test_the_next_rotation_ends_the_oldest_password(kind: Kind, world: World) -> None:
    """There are two passwords at any time, the two latest ones."""
    target = kind(world)
    world.step(target, *STEPS)
    second = world.current
    world.clock.sleep(86400)
    world.clock.deadline = world.clock.now.replace(hour=23)
    world.secrets.begin(V3)
    world.step(target, *STEPS, version=V3)

    assert world.elasticache.passwords == [world.current, second]
    assert world.current not in {FIRST, second}


@pytest.mark.parametrize("kind", [_user, _group])
def test_every_step_may_be_repeated(kind: Kind, world: World) -> None:
    """Secrets Manager repeats what failed: the current password is never pushed out and no second one is made."""
    target = kind(world)
    for step in STEPS:
        for _ in range(3):
            world.step(target, step)
            assert world.current in world.elasticache.passwords

    assert world.secrets.generated == 1
    assert world.elasticache.passwords == [world.current, FIRST]


def test_a_token_is_rotated_once(world: World) -> None:
    """A second ROTATE with the same token would end the current one, so there is none."""
    target = _group(world)
    world.step(target, "createSecret", "setSecret", "setSecret")

    assert world.elasticache.strategies == ["ROTATE"]


@pytest.mark.parametrize("kind", [_user, _group])
def test_the_password_before_ends_at_once_where_asked(kind: Kind, world: World) -> None:
    """Without an overlap only the current password works after a rotation, and the secret has it first."""
    target = kind(world)
    world.step(target, *STEPS, keep_previous=False)

    assert world.elasticache.passwords == [world.current]
    assert world.current != FIRST


def test_a_token_ends_with_set(world: World) -> None:
    """ROTATE comes first and SET last, as ElastiCache wants it."""
    target = _group(world)
    world.step(target, *STEPS, keep_previous=False)

    assert world.elasticache.strategies == ["ROTATE", "SET"]


@pytest.mark.parametrize("kind", [_user, _group])
def test_elasticache_is_waited_for(kind: Kind, world: World) -> None:
    """A change takes minutes, and the step ends when it is done."""
    world.elasticache.minutes = 9
    target = kind(world)
    before = world.clock.now
    world.step(target, "createSecret")
    world.step(target, "setSecret")

    assert (world.clock.now - before).total_seconds() >= 9 * 60


@pytest.mark.parametrize("kind", [_user, _group])
def test_a_change_that_takes_too_long(kind: Kind, world: World) -> None:
    """The step ends with an error before Lambda ends it, the secret keeps its password, and a later attempt goes on."""
    world.elasticache.minutes = 20
    target = kind(world)
    world.step(target, "createSecret")
    with pytest.raises(TimeoutError, match=r"still .*; Secrets Manager tries again"):
        world.step(target, "setSecret")
    assert world.clock.remaining() >= index.RESERVE_SECONDS
    assert world.current == FIRST

    world.clock.deadline = world.elasticache.busy_until.replace(hour=23)
    world.step(target, *STEPS[1:])
    assert world.elasticache.passwords == [world.current, FIRST]


def test_a_token_that_did_not_arrive(world: World) -> None:
    """The test fails where ElastiCache has an older token, and so the secret keeps its own."""
    target = _group(world)
    world.step(target, "createSecret")

    with pytest.raises(RuntimeError, match=r"replication group orders has an AUTH token of .* did not arrive"):
        world.step(target, "testSecret")


def test_a_password_that_did_not_arrive(world: World) -> None:
    """The test fails where the user has too few passwords."""
    target = _user(world)
    world.step(target, "createSecret")

    with pytest.raises(RuntimeError, match="user orders has 1 passwords and not 2"):
        world.step(target, "testSecret")


@pytest.mark.parametrize("kind", [_user, _group])
def test_a_rotation_that_is_only_tried_out(kind: Kind, world: World) -> None:
    """Secrets Manager tries a rotation out with a copy of the current secret, and the test passes."""
    world.secrets.put(V2, world.secrets.text("AWSCURRENT"), "AWSPENDING")

    world.step(kind(world), "testSecret")


def test_a_group_without_a_token(world: World) -> None:
    """ROTATE on a group without a token would let clients in with and without one, so it is refused."""
    world.elasticache.auth_token_enabled = False
    target = _group(world)
    world.step(target, "createSecret")

    with pytest.raises(RuntimeError, match="replication group orders has no AUTH token"):
        world.step(target, "setSecret")
    assert world.elasticache.strategies == []


@pytest.mark.parametrize(
    ("version", "step", "reason"),
    [
        (V9, "createSecret", rf"version {V9} of .* does not exist"),
        (V0, "createSecret", rf"version {V0} of .* is not AWSPENDING"),
        (V2, "deleteSecret", "'deleteSecret' is not a step"),
    ],
)
def test_what_is_no_rotation(version: str, step: str, reason: str, world: World) -> None:
    """Anything but a step of a rotation that is under way is refused, and changes nothing."""
    world.secrets.put(V0, json.dumps({"password": "zero"}), "AWSPREVIOUS")
    world.secrets.put(V2, json.dumps({"password": "two"}), "AWSPENDING")

    with pytest.raises(RuntimeError, match=reason):
        world.step(_user(world), step, version=version)
    assert world.elasticache.passwords == [FIRST]


def test_the_fake_refuses_what_botocore_refuses() -> None:
    """A call with a misspelt argument would not pass unseen."""
    with pytest.raises(ParamValidationError):
        validate("elasticache", "ModifyUser", {"UserId": "orders", "Password": ["x"]})


def test_the_function_needs_nothing_but_boto3() -> None:
    """Lambda has the standard library and boto3, and nothing of this project."""
    tree = ast.parse(Path(index.__file__).read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in imported} - sys.stdlib_module_names == {"boto3"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext, list[bytes]]]:
    """A TLS server on loopback that takes one token, with what clients need to trust it and what it heard."""
    authority = CertificateAuthority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.issue("127.0.0.1"), authority.key_file)
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as plain, tls.wrap_socket(plain, server_side=True) as connection:
            words = connection.recv(4096)
            heard.append(words)
            connection.sendall(b"+OK\r\n" if b"right" in words else b"-WRONGPASS invalid username-password pair\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], ssl.create_default_context(cafile=authority.ca_file), heard
    thread.join()
    listener.close()


def test_signing_in_with_the_new_token(server: tuple[int, ssl.SSLContext, list[bytes]]) -> None:
    """The token goes over TLS as the engine's protocol has it."""
    port, trust, heard = server
    index.sign_in("127.0.0.1", port, "right-token", trust)

    assert heard == [b"*2\r\n$4\r\nAUTH\r\n$11\r\nright-token\r\n"]


def test_a_token_that_the_cache_refuses(server: tuple[int, ssl.SSLContext, list[bytes]]) -> None:
    """The reason of the cache is in the error, the token is not."""
    port, trust, _ = server
    with pytest.raises(RuntimeError, match="refuses the new AUTH token: -WRONGPASS") as error:
        index.sign_in("127.0.0.1", port, "wrong-token", trust)

    assert "wrong-token" not in str(error.value)


def test_the_group_is_signed_in_to_where_an_endpoint_is_given(world: World) -> None:
    """With an endpoint the test step signs in with the pending token, and fails where that fails."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    target = index.target_of(
        {"REPLICATION_GROUP_ID": "orders", "ENDPOINT": "127.0.0.1", "PORT": str(nobody)}, world.elasticache, world.clock
    )
    world.step(target, "createSecret", "setSecret")

    with pytest.raises(ConnectionRefusedError):
        world.step(target, "testSecret")


class _Context:
    """What Lambda tells a function of itself."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


def test_the_handler_over_the_wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Lambda calls it, the handler finds its services, and the versions of a real secret move as they should."""
    monkeypatch.setenv("USER_ID", "orders")
    with Emulator(tmp_path, timing=INSTANT, engines=False) as emulator:
        for name, value in {
            "AWS_ENDPOINT_URL": emulator.endpoint_url,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "ELASTICACHEKITLOCAL0",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        }.items():
            monkeypatch.setenv(name, value)
        secrets = client_of(emulator.endpoint_url)("secretsmanager")
        content = json.dumps({"username": "orders", "password": FIRST})
        secret = secrets.create_secret(Name="orders", SecretString=content)["ARN"]
        pending = json.dumps({"username": "orders", "password": "second"})
        version = secrets.put_secret_value(SecretId=secret, SecretString=pending, VersionStages=["AWSPENDING"])
        for step in ("createSecret", "finishSecret"):
            event = {"SecretId": secret, "ClientRequestToken": version["VersionId"], "Step": step}
            index.handler(event, _Context())
        after = secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
        before = secrets.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")

    assert after["SecretString"] == pending
    assert before["SecretString"] == content
