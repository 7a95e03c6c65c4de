"""Policies: what they refuse, and how long entries live."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.cache import Policy
from elasticache_kit.errors import ValidationError


@pytest.mark.parametrize(
    "options",
    [
        {"prefix": ""},
        {"prefix": "a b"},
        {"ttl": 0},
        {"lease": -1},
        {"jitter": 1},
        {"negative_ttl": 0},
        {"refresh_after": 300},
        {"wait": -1},
        {"largest_value": 0},
        {"fallback_limit": 0},
    ],
)
def test_a_policy_that_cannot_be_kept(options: dict[str, Any]) -> None:
    """The name of what is wrong is said, with all others."""
    with pytest.raises(ValidationError, match=next(iter(options))):
        Policy(**({"prefix": "t"} | options))  # pyright: ignore[reportArgumentType] # wrong on purpose
    with pytest.raises(ValidationError) as raised:
        Policy(prefix="", ttl=-1, jitter=2)
    assert all(name in str(raised.value) for name in ("prefix", "ttl", "jitter"))


@given(st.floats(min_value=0.001, max_value=1e6), st.floats(min_value=0, max_value=0.99))
def test_jitter_shortens_and_never_lengthens(ttl: float, jitter: float) -> None:
    """A TTL is the bound that somebody counts on."""
    policy = Policy(prefix="t", ttl=ttl, jitter=jitter)
    lifetime = policy.lifetime(nothing=False)
    assert lifetime is not None
    assert max(1, (1 - jitter) * ttl * 1000 - 1) <= lifetime <= max(1, ttl * 1000 + 1)


@pytest.mark.parametrize(
    ("key", "says"), [("", "must not be empty"), ("a\nb", "no control character"), (7, "give a text")]
)
def test_what_is_no_key_is_refused(key: Any, says: str) -> None:
    """Also a number, which a caller without a type checker takes for one."""
    with pytest.raises(ValidationError, match=rf"^{re.escape(repr(key))} is no key of a cache: .*{says}"):
        Policy(prefix="shop", ttl=1).name(key)
