"""Node types."""

from __future__ import annotations

from typing import cast

import pytest

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, versions
from elasticache_kit.model.node_type import NodeType, node_families, node_types


def test_a_node_type_knows_its_size() -> None:
    """The figures are those of the data."""
    node_type = NodeType.of("cache.t4g.small")

    assert (node_type.family, node_type.size, node_type.vcpu) == ("t4g", "small", 2)
    assert node_type.memory_gib == pytest.approx(1.37)
    assert node_type.known
    assert str(node_type) == "cache.t4g.small"


def test_every_node_type_is_named_after_family_and_size() -> None:
    """The data agrees with itself, and every name can be asked for."""
    for name, node_type in node_types().items():
        assert name == f"cache.{node_type.family}.{node_type.size}"
        assert NodeType.of(name) is node_type


def test_a_node_type_knows_the_first_version_of_each_engine() -> None:
    """r8g came after Redis OSS had ended."""
    node_type = NodeType.of("cache.r8g.large")
    valkey = node_type.min_version(Engine.VALKEY)

    assert valkey is not None
    assert valkey.version == "7.2"
    assert node_type.min_version(Engine.REDIS) is None


def test_first_versions_are_versions_that_one_can_ask_for() -> None:
    """A remedy names them."""
    for node_type in node_types().values():
        for first in node_type.engine_min_versions:
            assert first in versions(first.engine)


def test_data_tiering_is_for_one_family() -> None:
    """Nobody else supports it."""
    assert {item.family for item in node_types().values() if item.supports("data_tiering")} == {"r6gd"}


def test_a_later_node_type_can_be_asked_for() -> None:
    """One that came out after this release is not known, and usable."""
    later = NodeType.of("cache.r99g.2xlarge")

    assert (later.family, later.size, later.known) == ("r99g", "2xlarge", False)
    assert later.family not in node_families()


@pytest.mark.parametrize(
    "name", ["", "t4g.small", "cache.small", "cache.t4g.tiny", "cache.t4g.small.", "cache.T4g.small"]
)
def test_what_is_no_node_type_is_refused(name: str) -> None:
    """The message shows one that is."""
    with pytest.raises(ValidationError, match=r"is not a node type: give a name such as 'cache\.t4g\.small'"):
        NodeType.of(name)


def test_a_node_type_is_text() -> None:
    """Something else is refused in the same words, and not by the regular expression."""
    with pytest.raises(ValidationError, match="3 is not a node type"):
        NodeType.of(cast("str", 3))
