"""Rules of the id and the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_LONGEST_DESCRIPTION = 255
_AWS_TOO_LONG = "Replication Group ID cannot be longer than 40 characters."


def description_required(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-description-required."""
    if known(spec.replication_group_description) is None:
        yield Finding(
            "replication_group_description",
            None,
            "a replication group needs a description",
            "say what it is for in replication_group_description",
        )


def description_length(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-description-length."""
    text = known(spec.replication_group_description) or ""
    if len(text) > _LONGEST_DESCRIPTION:
        yield Finding(
            "replication_group_description",
            text,
            f"{len(text)} characters are too long, at most {_LONGEST_DESCRIPTION} are allowed",
            "shorten it",
        )


def id_format(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-id-format."""
    name = known(spec.replication_group_id)
    for problem in identifier.replication_group_id(name) if name is not None else ():
        too_long = "longer" in problem
        yield Finding(
            "replication_group_id",
            name,
            f"the id {problem}",
            identifier.REMEDY if not too_long else "shorten it",
            _AWS_TOO_LONG if too_long else None,
        )


CHECKS = {
    "rg-description-required": description_required,
    "rg-description-length": description_length,
    "rg-id-format": id_format,
}
