"""Parameters, families and parameter groups."""

from __future__ import annotations

import pytest

from elasticache_kit.errors import NotFoundError
from elasticache_kit.model import parameter
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.parameter import ParameterGroupSpec, value
from elasticache_kit.model.unknown import UNKNOWN, Unknown


def problems(family: str = "valkey9", **values: str) -> list[tuple[str, str, str]]:
    """Return the rule, the message and the remedy of each violation; `_` stands for `-`."""
    spec = ParameterGroupSpec(
        cache_parameter_group_family=family,
        description="Orders",
        parameters={name.replace("_", "-"): text for name, text in values.items()},
    )
    return [(violation.rule_id, violation.message, violation.remedy) for violation in parameter.check(spec)]


def test_a_family_has_the_parameters_of_its_engine() -> None:
    """The parameters of a later family are those of the one before, with the changes."""
    valkey9 = parameter.family("valkey9")

    assert valkey9.engine is Engine.VALKEY
    assert valkey9.parameters["maxmemory-policy"].default == "volatile-lru"
    assert "cluster-databases" in valkey9.parameters
    assert "cluster-databases" not in parameter.family("valkey8").parameters
    assert "lazyfree-lazy-expire" in parameter.family("valkey7").parameters
    assert "lazyfree-lazy-expire" not in valkey9.parameters


@pytest.mark.parametrize("name", parameter.families())
def test_every_default_is_allowed(name: str) -> None:
    """The data agrees with itself."""
    for item in parameter.family(name).parameters.values():
        # The page of AWS gives a default of 0 and a range that begins with 1.
        if item.default and item.name != "cluster-databases":
            assert value.type_problem(item, item.default) is None
            assert list(value.problems(item, item.default)) == []


def test_a_family_that_is_not_known_is_not_found() -> None:
    """The message lists those that are."""
    with pytest.raises(NotFoundError, match=r"'valkey6' are not known; known are redis2\.8"):
        parameter.family("valkey6")


@pytest.mark.parametrize(
    ("family", "cluster_mode", "name"),
    [
        ("valkey9", False, "default.valkey9"),
        ("valkey9", True, "default.valkey9.cluster.on"),
        ("redis6.x", True, "default.redis6.x.cluster.on"),
        ("redis2.8", True, "default.redis2.8"),
        ("memcached1.6", True, "default.memcached1.6"),
        ("valkey10", True, "default.valkey10.cluster.on"),
    ],
)
def test_default_groups_are_named_after_family_and_cluster_mode(family: str, cluster_mode: bool, name: str) -> None:
    """And the name tells the family again."""
    assert parameter.default_parameter_group(family, cluster_mode=cluster_mode) == name
    assert parameter.default_group_family(name.upper()) == family


def test_a_name_of_ones_own_tells_no_family() -> None:
    """Only AWS's own do."""
    assert parameter.default_group_family("valkey9") is None


def test_a_name_that_is_nearly_right_is_recognised() -> None:
    """A slip of the finger gets the right name as its remedy, nonsense does not."""
    assert problems(maxmemory_polic="noeviction") == [
        ("pg-parameter-exists", "the family valkey9 has no such parameter", "take maxmemory-policy")
    ]
    assert problems(nonsense="1") == [
        ("pg-parameter-exists", "the family valkey9 has no such parameter", "leave it out")
    ]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "remedy"),
    [
        ("maxmemory_samples", "64", "65", "take 1 to 64, or leave it out for 3"),
        ("timeout", "0", "19", "take 0, or 20 or more, or leave it out for 0"),
        ("activedefrag", "yes", "true", "take yes or no, or leave it out for no"),
        ("slowlog_log_slower_than", "-1", "1s", "take any integer, or leave it out for 10000"),
        ("lfu_log_factor", "10", "1.5", "take 1 or more, or leave it out for 10"),
        ("active_expire_effort", "10", "ten", "take 1 to 10, or leave it out for 1"),
        ("tracking_table_max_keys", "5", "many", "take a value of the type number, or leave it out for 1000000"),
        ("acllog_max_len", "10", "", "take a value of the type number, or leave it out for 128"),
    ],
)
def test_values_are_checked_against_the_notation_of_the_api(name: str, right: str, wrong: str, remedy: str) -> None:
    """Ranges, lists and types; the remedy says what is allowed and what the default is."""
    assert problems(**{name: right}) == []
    assert [found[2] for found in problems(**{name: wrong})] == [remedy]


def test_negative_numbers_can_be_listed() -> None:
    """list-max-ziplist-size takes -5 to -1, or 1 or more."""
    item = parameter.family("redis5.0").parameters["list-max-ziplist-size"]

    assert [list(value.problems(item, text)) for text in ("-5", "-1", "1", "8192")] == [[], [], [], []]
    assert [bool(list(value.problems(item, text))) for text in ("-6", "0", "x")] == [True, True, True]
    assert value.spoken(item) == "-5, -4, -3, -2, -1, or 1 or more"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", []),
        ("KEYS blocked", []),
        ("keys k FLUSHALL f1", []),
        ("KEYS", ["a command is without its new name"]),
        ("AUTH a", ["the command AUTH cannot be renamed"]),
        ("KEYS a-b", ["the new name a-b is not 1 to 20 letters and digits"]),
        (
            "KEYS " + "k" * 21 + " AUTH a",
            ["the new name " + "k" * 21 + " is not 1 to 20 letters and digits", "the command AUTH cannot be renamed"],
        ),
    ],
)
def test_renamed_commands_are_pairs(text: str, messages: list[str]) -> None:
    """The parameter that has a notation of its own."""
    assert [found[1] for found in problems(rename_commands=text)] == messages


def test_what_is_set_at_creation_may_be_set() -> None:
    """AWS calls them not modifiable, and takes them until a cache uses the group."""
    assert problems(cluster_enabled="yes", databases="32", cluster_databases="16") == []
    assert [found[0] for found in problems(cluster_enabled="on")] == ["pg-value-allowed"]
    assert not parameter.family("valkey9").parameters["cluster-enabled"].modifiable


def test_what_elasticache_sets_itself_may_not_be_set() -> None:
    """And no value of it is right."""
    assert problems(maxmemory="lots") == [
        ("pg-not-modifiable", "ElastiCache sets it and nobody else can", "leave it out")
    ]


def test_a_value_that_is_no_text_is_refused() -> None:
    """CloudFormation takes text alone."""
    spec = ParameterGroupSpec(
        cache_parameter_group_family="valkey9",
        description="Orders",
        parameters={"timeout": 20},  # pyright: ignore[reportArgumentType] # what this test is about
    )

    assert [violation.message for violation in parameter.check(spec)] == ["values are written as text, not as int"]


def test_of_a_later_family_nothing_is_checked() -> None:
    """A warning says so."""
    assert [found[0] for found in problems("valkey10", anything="goes")] == ["pg-family-known"]


@pytest.mark.parametrize(
    ("parameters", "broken"),
    [
        ({"slab_chunk_max": "1048577"}, True),
        ({"slab_chunk_max": "1000000"}, True),
        ({"slab_chunk_max": "1048576"}, False),
        ({"max_item_size": "524287"}, True),
        ({"max_item_size": "1572864"}, False),
        ({"max_item_size": "many"}, False),
        ({"slab_chunk_max": UNKNOWN, "max_item_size": "524287"}, False),
    ],
)
def test_slabs_fit_the_largest_item(parameters: dict[str, str | Unknown], broken: bool) -> None:
    """What is not set has its default."""
    spec = ParameterGroupSpec(cache_parameter_group_family="memcached1.6", description="Pages", parameters=parameters)

    assert ("mc-slab-rules" in {violation.rule_id for violation in parameter.check(spec)}) is broken
