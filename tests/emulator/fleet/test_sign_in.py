"""Clients sign in to real engines, over TLS."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import valkey

from elasticache_kit.emulator.fleet import EngineUser, Fleet, NodePlan, SignIn, password_hash
from elasticache_kit.emulator.fleet.sign_in import InternalAccount
from tests.emulator.fleet.test_iam_token import SECRET, token

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEY = "123456789012/eu-west-1/orders"
FIRST, SECOND = f"{KEY}-001", f"{KEY}-002"
OLD, NEW = "old-token-0123456789", "new-token-0123456789"
OLD_ONLY, BOTH, NEW_ONLY = (
    SignIn(token_hashes=tuple(map(password_hash, tokens))) for tokens in ((OLD,), (OLD, NEW), (NEW,))
)
PASSWORD = "annas-password-012345"  # noqa: S105 -- of nobody
ANNA = EngineUser(
    name="anna",
    access_string="on ~orders:* -@all +@read +@connection",
    password_hashes=(password_hash(PASSWORD),),
)
IAM = EngineUser(name="anna", access_string="on ~* +@all", iam=True)
WRONG = r"WRONGPASS|invalid username-password pair"


@pytest.fixture(scope="module")
def running(order: Ordering, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet with a primary and a replica behind TLS."""
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), secret_key={"AKIAEXAMPLE": SECRET}.get)
    fleet.start_group(order(KEY, nodes=2, tls=True, sign_in=OLD_ONLY))
    yield fleet
    fleet.stop()


def sign_in(fleet: Fleet, connect: Connecting, address: str | None = None, **credentials: Any) -> Any:
    """Connect with TLS to an address, or the primary endpoint."""
    options: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(fleet.ca_file), **credentials}
    return connect(address or fleet.primary_endpoint(KEY) or "", **options)


def test_a_token_is_asked_for_on_every_node(running: Fleet, connect: Connecting) -> None:
    """Without it, or with a wrong one, no node and no endpoint does anything."""
    running.set_sign_in(KEY, OLD_ONLY)
    for address in (running.node_address(KEY, FIRST), running.node_address(KEY, SECOND), running.reader_endpoint(KEY)):
        assert sign_in(running, connect, address, password=OLD).ping()
        assert sign_in(running, connect, address, username="default", password=OLD).ping()
        with pytest.raises(valkey.AuthenticationError, match=r"Authentication required|NOAUTH"):
            sign_in(running, connect, address).ping()
        with pytest.raises(valkey.AuthenticationError, match=WRONG):
            sign_in(running, connect, address, password=NEW).ping()


def test_a_token_is_rotated_then_set(running: Fleet, connect: Connecting) -> None:
    """Both tokens are good while it is rotated, then only the new one; connections that exist stay."""
    running.set_sign_in(KEY, OLD_ONLY)
    early = sign_in(running, connect, password=OLD, single_connection_client=True)
    assert early.ping()
    running.set_sign_in(KEY, BOTH)
    for password in (OLD, NEW):
        assert sign_in(running, connect, password=password).ping()
    running.set_sign_in(KEY, NEW_ONLY)
    with pytest.raises(valkey.AuthenticationError, match=WRONG):
        sign_in(running, connect, password=OLD).ping()
    assert early.ping()


def test_without_a_token_nobody_signs_in(running: Fleet, connect: Connecting) -> None:
    """A deleted token leaves the cache open, and a client that sends one all the same hears that none is set."""
    running.set_sign_in(KEY, SignIn())
    assert sign_in(running, connect).ping()
    with pytest.raises(valkey.AuthenticationError, match="without any password configured"):
        sign_in(running, connect).execute_command("AUTH", OLD)


def test_a_first_token_is_rotated_in(running: Fleet, connect: Connecting) -> None:
    """Clients come without it or with it, until it is set; then only with it."""
    running.set_sign_in(KEY, SignIn())
    early = sign_in(running, connect, single_connection_client=True)
    assert early.ping()
    running.set_sign_in(KEY, SignIn.of_tokens(("", NEW)))
    assert sign_in(running, connect).ping()
    for protocol in (2, 3):
        assert sign_in(running, connect, password=NEW, protocol=protocol).ping()
    assert sign_in(running, connect, username="default", password=NEW).ping()
    running.set_sign_in(KEY, SignIn.of_tokens((NEW,)))
    assert sign_in(running, connect, password=NEW).ping()
    with pytest.raises(valkey.AuthenticationError):
        sign_in(running, connect).ping()
    assert SignIn.of_tokens((OLD, NEW)) == BOTH


def test_a_user_has_its_rights_and_no_more(running: Fleet, connect: Connecting) -> None:
    """The access string decides about commands and keys; the default user is off."""
    running.set_sign_in(KEY, SignIn(users=(ANNA,)))
    client = sign_in(running, connect, username="anna", password=PASSWORD)
    assert client.get("orders:1") is None
    with pytest.raises(valkey.ResponseError, match="permissions"):
        client.get("customers:1")
    with pytest.raises(valkey.ResponseError, match="permissions"):
        client.set("orders:1", "value")
    with pytest.raises(valkey.AuthenticationError):
        sign_in(running, connect).ping()


@pytest.mark.parametrize(
    "user",
    [
        EngineUser(name="anna", access_string="off ~* +@all", password_hashes=ANNA.password_hashes),
        EngineUser(name="anna", access_string="on ~* +@all"),
        EngineUser(name="bert", access_string="on ~* +@all", password_hashes=ANNA.password_hashes),
    ],
)
def test_who_is_off_or_unknown_does_not_get_in(running: Fleet, connect: Connecting, user: EngineUser) -> None:
    """A user that is off, one without a password and one of another name."""
    running.set_sign_in(KEY, SignIn(users=(user,)))
    with pytest.raises(valkey.AuthenticationError, match=WRONG):
        sign_in(running, connect, username="anna", password=PASSWORD).ping()


def test_a_user_that_is_removed_is_thrown_out(running: Fleet, connect: Connecting) -> None:
    """Its connections end, and its name is free for other rights."""
    running.set_sign_in(KEY, SignIn(users=(ANNA,)))
    client = sign_in(
        running,
        connect,
        username="anna",
        password=PASSWORD,
        single_connection_client=True,
    )
    assert client.ping()
    running.set_sign_in(KEY, OLD_ONLY)
    with pytest.raises((valkey.ConnectionError, valkey.AuthenticationError)):
        client.ping()


def test_the_default_user_may_have_no_password(running: Fleet, connect: Connecting) -> None:
    """As the one that ElastiCache makes for Redis OSS: clients need not sign in."""
    user = EngineUser(name="default", access_string="on ~* +@all", no_password=True)
    running.set_sign_in(KEY, SignIn(users=(user,)))
    assert sign_in(running, connect).set("key", "value")


def test_replicas_that_come_later_ask_too(running: Fleet, connect: Connecting) -> None:
    """A new replica and a recovered node have the present users, not those of the start."""
    running.set_sign_in(KEY, NEW_ONLY)
    running.add_replica(KEY, "0001", NodePlan(cache_cluster_id="late"))
    running.kill(KEY, SECOND)
    running.recover(KEY, SECOND)
    for name in ("late", SECOND):
        address = running.node_address(KEY, name)
        assert sign_in(running, connect, address, password=NEW).ping()
        with pytest.raises(valkey.AuthenticationError, match=WRONG):
            sign_in(running, connect, address, password=OLD).ping()
    running.remove_replica(KEY, "late")


@pytest.mark.parametrize("protocol", [2, 3])
def test_an_iam_user_signs_in_with_a_token(running: Fleet, connect: Connecting, protocol: int) -> None:
    """Over AUTH and over HELLO; any number of requests may come at once behind it."""
    running.set_sign_in(KEY, SignIn(users=(IAM,)))
    client = sign_in(running, connect, username="anna", password=token(), protocol=protocol)
    with client.pipeline(transaction=False) as pipeline:
        for number in range(100):
            pipeline.set(f"key-{number}", "x" * 1000)
        assert pipeline.execute() == [True] * 100
    # Again on the same connection, as clients do before its twelve hours are over.
    assert client.execute_command("AUTH", "anna", token()) in {True, "OK"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: PASSWORD,
        lambda: token(user="bert"),
        lambda: token(cache="customers"),
        lambda: token(expires=901),
        lambda: token()[:-4] + "zzzz",
    ],
)
def test_an_iam_user_without_a_good_token_does_not(
    running: Fleet, connect: Connecting, make: Callable[[], str]
) -> None:
    """The engine answers as it does to a wrong password."""
    running.set_sign_in(KEY, SignIn(users=(IAM,)))
    with pytest.raises(valkey.AuthenticationError, match=WRONG):
        sign_in(running, connect, username="anna", password=make()).ping()


def test_no_client_sees_the_secret(running: Fleet, connect: Connecting) -> None:
    """Not through CONFIG, not by changing users, not on an argument list, not in a file that others may read."""
    running.set_sign_in(KEY, OLD_ONLY)
    client = sign_in(running, connect, password=OLD)
    for command in ("CONFIG GET masterauth", "BGSAVE", "SHUTDOWN", "ACL SETUSER elasticache-kit nopass"):
        with pytest.raises(valkey.ResponseError, match="permissions"):
            client.execute_command(*command.split())
    engine = running.group(KEY).node(FIRST).engine
    configuration = engine.directory / "engine.conf"
    assert configuration.stat().st_mode & 0o777 == 0o600
    assert engine.account.secret in configuration.read_text()
    assert engine.account.secret not in str(client.acl_list())
    assert engine.account.secret not in repr(engine.account)
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # one that has ended meanwhile
            assert engine.account.secret.encode() not in process.read_bytes()


def test_a_cluster_replicates_and_fails_over_behind_a_token(
    shared_fleet: Fleet, order: Ordering, connect_cluster: Connecting
) -> None:
    """Nodes sign in to each other, so a cluster client with the token sees a whole cluster, and follows a failover."""
    shared_fleet.start_group(order("cluster", shards=2, nodes=2, sign_in=OLD_ONLY))
    client = connect_cluster(shared_fleet.configuration_endpoint("cluster") or "", password=OLD)
    for number in range(50):
        client.set(f"key-{number}", number)
    shared_fleet.promote("cluster", "cluster-0001-002")
    assert [client.get(f"key-{number}") for number in range(50)] == [str(number) for number in range(50)]


def test_a_cluster_client_signs_in_to_every_node_with_a_token(
    running: Fleet, order: Ordering, connect_cluster: Connecting
) -> None:
    """An IAM user of a cluster behind TLS: the same token is good at each node that the client discovers."""
    key = "123456789012/eu-west-1/sharded"
    running.start_group(order(key, shards=2, tls=True, sign_in=SignIn(users=(IAM,))))
    client = connect_cluster(
        running.configuration_endpoint(key) or "",
        ssl=True,
        ssl_ca_certs=str(running.ca_file),
        username="anna",
        password=token(cache="sharded"),
    )
    for number in range(20):
        client.set(f"key-{number}", number)
    assert len({node.host for node in client.get_primaries()}) == 2
    assert [client.get(f"key-{number}") for number in range(20)] == [str(number) for number in range(20)]
    running.stop_group(key)


def rules(sign_in: SignIn) -> Mapping[str, tuple[str, ...]]:
    """Give the engine's rules."""
    return sign_in.accounts(InternalAccount(), password_hash("x"))


def test_selectors_keep_back_commands_as_well() -> None:
    """A selector that allows everything does not allow what ElastiCache keeps to itself."""
    user = EngineUser(name="anna", access_string="on (~a +@all) clearselectors (~b +@all)")
    for rule in rules(SignIn(users=(user,)))["anna"]:
        assert not rule.startswith("(") or "-config" in rule
