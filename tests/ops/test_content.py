"""The digest: the same for the same content, whatever order it comes in, and another for any other content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.ops.content import Access, Comparison, NotReadError, canonical, read
from elasticache_kit.ops.inventory import replication_group
from tests.ops.completed import make_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

TEXT = st.binary(max_size=8)


@given(st.dictionaries(TEXT, TEXT))
def test_a_hash_is_the_same_in_any_order(pairs: dict[bytes, bytes]) -> None:
    """Engines give fields in the order of their tables."""
    turned = dict(reversed(pairs.items()))

    assert canonical(0, b"k", b"hash", pairs, False) == canonical(0, b"k", b"hash", turned, False)


@pytest.mark.parametrize(
    "other",
    [
        (1, b"k", b"list", [b"a", b"b"], False),
        (0, b"l", b"list", [b"a", b"b"], False),
        (0, b"k", b"set", {b"a", b"b"}, False),
        (0, b"k", b"list", [b"b", b"a"], False),
        (0, b"k", b"list", [b"a"], False),
        (0, b"k", b"list", [b"a", b"b"], True),
    ],
)
def test_anything_else_is_another(other: tuple[int, bytes, bytes, Any, bool]) -> None:
    """The database, the key, the type, the order of a list, an element, whether it expires."""
    assert canonical(*other) != canonical(0, b"k", b"list", [b"a", b"b"], False)


def test_what_cannot_be_reached_is_said(account: Session) -> None:
    """With the endpoint; nothing is made up."""
    make_group(account)

    with pytest.raises(NotReadError, match=r"orders cannot be read from here: Error "):
        read(replication_group(account, "orders"), Access())


def test_a_comparison_that_lacks_a_side_is_none() -> None:
    """Only two digests that are equal are the same."""
    assert Comparison(before="1 keys a").verdict == "not compared: nobody asked for it"
    assert Comparison(before="1 keys a", after="1 keys a").verdict == "the same"


def test_the_password_comes_from_the_environment_and_is_not_shown(
    account: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An argument would be in the list of processes."""
    monkeypatch.setenv("ELASTICACHE_KIT_PASSWORD", "not-to-be-seen")

    access = Access.of(account, "ann")

    assert access.password == os.environ["ELASTICACHE_KIT_PASSWORD"]
    assert "not-to-be-seen" not in repr(access)
