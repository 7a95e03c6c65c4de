"""Kind: what becomes of a resource, or what the change of one property makes of it."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a change does, from harmless to refused."""

    NEW = "new"
    IN_PLACE = "in place"
    INTERRUPTION = "interruption"
    REMOVED = "removed"
    UNKNOWN = "unknown"
    REPLACEMENT = "replacement"
    REFUSED = "refused"

    @property
    def rank(self) -> int:
        """The higher, the graver."""
        return list(Kind).index(self)
