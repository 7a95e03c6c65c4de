"""Tags: what the provider schemas of the newer types ask of their keys and values.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Tagging-Resources.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model import quota
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_KEY = 128
_LONGEST_VALUE = 256
_TEXT = re.compile(r"[a-zA-Z0-9 _./=+:\-@]*")


def findings(tags: Mapping[str, str | Unknown] | Unknown | None) -> Iterator[Finding]:
    """Yield what is wrong with the tags of a resource."""
    given = known(tags) or {}
    if len(given) > quota.TAGS_PER_RESOURCE:
        yield Finding(
            "tags", len(given), f"a resource has at most {quota.TAGS_PER_RESOURCE} tags", "leave out the others"
        )
    for key, value in given.items():
        if not 1 <= len(key) <= _LONGEST_KEY or key.startswith("aws:") or not _TEXT.fullmatch(key):
            yield Finding(
                "tags",
                key,
                f"a key has 1 to {_LONGEST_KEY} letters, digits, spaces and _ . / = + : - @, and begins not with aws:",
                "take another key",
            )
        if isinstance(value, str) and (len(value) > _LONGEST_VALUE or not _TEXT.fullmatch(value)):
            yield Finding(
                "tags",
                key,
                f"its value has something else than up to {_LONGEST_VALUE} letters, digits, spaces and _ . / = + : - @",
                "take another value",
            )
