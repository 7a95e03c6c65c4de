"""Access strings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.fleet import binary
from elasticache_kit.emulator.fleet.address import AddressBlock
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.engine import Engine
from elasticache_kit.emulator.fleet.spawner import Spawner
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.access_string import (
    CATEGORIES,
    FIRST_VERSIONS,
    AccessRuleKind,
    AccessString,
    doubts,
    parse,
    problems,
    read,
)
from elasticache_kit.model.engine import EngineVersion

# What the engine and ElastiCache agree about: neither passwords nor commands that ElastiCache keeps.
GOOD = [
    "on ~* +@all",
    "off",
    "ON ~* -@all +GET +Get",
    "on ~orders:* -@all +@read +@write",
    "on allkeys allchannels allcommands nocommands resetkeys resetchannels",
    "on ~* resetkeys ~a &* resetchannels &news",
    "on %R~a %W~b %RW~c %r~d",
    "on +client|getname -client|kill",
    "on (~a +get) (db=0 ~b -@all +set) clearselectors",
    "on ( ~a +get )",
    "on ()",
    "on db=0,1 alldbs resetdbs",
    "on sanitize-payload skip-sanitize-payload",
    "on ~ & %R~",
]
BAD = [
    "on garbage",
    "on db=",
    "on db=*",
    "on db=x",
    "on %~a",
    "on %X~a",
    "on (~a +get",
    "on (~a +get)x",
    "on (on ~a)",
    "on (~a clearselectors)",
    "on ~* ~x",
    "on allkeys ~x",
    "on &* &x",
    "on (~* ~x)",
    "on +",
    "on +@",
    "on @all",
    "on 'quoted'",
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine that runs."""
    block, spawner = AddressBlock(), Spawner(tmp_path)
    try:
        engine = Engine(binary.find(), spawner, tmp_path / "engine", block.take((6379,)), 6379)
        engine.start({})
        engine.ready(Deadline(10.0))
        yield engine
    finally:
        spawner.close()
        block.close()


@pytest.mark.engine
def test_the_engine_says_the_same(engine: Engine) -> None:
    """Valkey takes what is without problem here, and refuses what is not."""
    with engine.admin() as admin:
        for text in GOOD:
            assert admin.command("ACL", "SETUSER", "anna", "reset", *text.split()) == "OK"
        for text in BAD:
            with pytest.raises(ReplyError, match=r"ACL|Unmatched"):
                admin.command("ACL", "SETUSER", "anna", "reset", *text.split())


@pytest.mark.parametrize("text", GOOD)
def test_what_the_engine_takes_is_without_problem(text: str) -> None:
    """And it is written as it was read, but for blanks."""
    assert problems(text) == ()
    assert read(str(parse(text))) == read(text)


@pytest.mark.parametrize("text", BAD)
def test_what_the_engine_refuses_has_a_problem(text: str) -> None:
    """The message names the access string and each reason."""
    assert problems(text)
    with pytest.raises(ValidationError) as caught:
        parse(text)
    assert str(caught.value).splitlines()[1:] == [f"  {problem}" for problem in problems(text)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is blank"),
        (" \n", "it is blank"),
        ("on >secret ~*", "it holds a password, which goes into passwords"),
        ("on #" + "0" * 64, "it holds a password, which goes into passwords"),
        ("reset on ~*", "it holds reset, which ElastiCache does not take"),
        ("on +config", "'+config' names a command that ElastiCache keeps to itself"),
        ("on -CONFIG|get", "'-CONFIG|get' names a command that ElastiCache keeps to itself"),
        ("on (+save)", "'+save' names a command that ElastiCache keeps to itself"),
        ("on (>secret)", "'>(hidden)' cannot be in a selector"),
        ("on ~* ~x", "'~x' adds nothing: all keys are allowed before it"),
        ("on garbage", "'garbage' is no rule"),
        ("on (~a", "'(~a' is a selector that is not closed"),
    ],
)
def test_a_problem_says_what_is_wrong(text: str, problem: str) -> None:
    """One clause for each reason; a password is not repeated."""
    assert problem in problems(text)


def test_every_problem_is_named_once() -> None:
    """All mistakes come together."""
    assert problems("on what what +config reset") == (
        "'what' is no rule",
        "'+config' names a command that ElastiCache keeps to itself",
        "it holds reset, which ElastiCache does not take",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on ~* +@all", ()),
        ("off +@json +@search +@bloom", ()),
        ("~* +@all", ("without 'on' the user is off and cannot sign in",)),
        ("on +@reading", ("'+@reading' names a category that is not known",)),
        ("on (-@reading)", ("'-@reading' names a category that is not known",)),
        ("on nopass", ("'nopass' is about passwords, which ElastiCache keeps",)),
        ("", ()),
    ],
)
def test_doubts_are_no_problems(text: str, found: tuple[str, ...]) -> None:
    """What may be meant otherwise is said, and taken."""
    assert doubts(text) == found


@pytest.mark.parametrize(
    ("text", "enabled"), [("on", True), ("off", False), ("on off", False), ("off ON", True), ("~*", False), ("", False)]
)
def test_the_last_word_turns_the_user_on_or_off(text: str, enabled: bool) -> None:
    """Without either the user is off."""
    assert read(text).enabled is enabled


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("on ~* +@all", frozenset[str]()),
        ("on &news", {"channels"}),
        ("on resetchannels", {"channels"}),
        ("on %R~a", {"key permissions"}),
        ("on (~a)", {"selectors"}),
        ("on (%R~a &b +client|id)", {"selectors", "key permissions", "channels", "subcommands"}),
        ("on -client|kill", {"subcommands"}),
        ("on db=0", {"databases"}),
    ],
)
def test_an_access_string_knows_what_it_needs(text: str, needs: frozenset[str] | set[str]) -> None:
    """A rule of the replication group compares it with the version."""
    assert read(text).needs == needs


def test_every_need_has_its_first_versions() -> None:
    """They are versions that one can ask for."""
    for first in FIRST_VERSIONS.values():
        for engine, version in first.items():
            assert EngineVersion.of(engine, version).known


def test_a_rule_knows_what_it_is_about() -> None:
    """A builder shows it in its messages."""
    rules = read("on ~a +get|x -@read (+set ~b)").rules

    assert [rule.kind for rule in rules] == [
        AccessRuleKind.STATE,
        AccessRuleKind.KEYS,
        AccessRuleKind.COMMANDS,
        AccessRuleKind.COMMANDS,
        AccessRuleKind.SELECTORS,
    ]
    assert [rule.command for rule in rules] == [None, None, "get", None, None]
    assert [rule.category for rule in rules] == [None, None, None, "read", None]
    assert [str(rule) for rule in rules[-1].rules] == ["+set", "~b"]


def test_an_access_string_is_built_of_rules() -> None:
    """A text is not needed."""
    assert AccessString.of("on", "~a", "+get") == parse("on ~a +get")


WORDS = st.sampled_from(
    ["on", "off", "~a", "~*", "&b", "%R~c", "+get", "-@all", "+config", "(", ")", "(~a)", "db=1", ">x", "reset", "é"]
)


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    """It has problems, or it is written as it was read."""
    found = problems(text)

    assert found or read(str(read(text))) == read(text)
    assert isinstance(doubts(text), tuple)


def test_categories_are_written_in_small_letters() -> None:
    """They are compared so."""
    assert all(name == name.lower() for name in CATEGORIES)
