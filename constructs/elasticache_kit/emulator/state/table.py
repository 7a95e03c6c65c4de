"""A table of resources by name."""

from __future__ import annotations

from typing import Any, TypeVar

from elasticache_kit.emulator.fault import Fault

Item = TypeVar("Item")


class Table(dict[str, Item]):
    """Resources of one kind by name; ElastiCache keeps names in lower case and finds them in any.

    Args:
        kind: what one is called in a sentence, for example `User`.
        missing: the code for a name that is not there.
        taken: the code for a name that is there already.
        sentence: what is said of a name that is not there, with `{name}`. Default: one that begins with the kind.
    """

    def __init__(self, kind: str, missing: str, taken: str, sentence: str | None = None) -> None:
        super().__init__()
        self._kind, self._missing, self._taken = kind, missing, taken
        self._sentence = sentence or f"{kind} {{name}} not found."

    def find(self, name: str) -> Item:
        """Return the resource of a name.

        Raises:
            Fault: there is none, with the code for that.
        """
        found = self.get(name.lower())
        if found is None:
            raise Fault(self._missing, self._sentence.format(name=name))
        return found

    def listed(self, name: str | None = None) -> list[Item]:
        """Return what a listing is of: the resource of a name, or all of them in the order of their names.

        Raises:
            Fault: there is none of the name, with the code for that.
        """
        return [self.find(name)] if name else [self[key] for key in sorted(self)]

    def at_rest(self, name: str, busy: str, status: str = "available") -> Item:
        """Return the resource of a name, at rest, which is what every change asks for.

        Args:
            name: its name.
            busy: the code for a resource that is not at rest.
            status: the one that it has at rest.

        Raises:
            Fault: there is none, with the code for that; or it is not at rest.
        """
        found: Any = self.find(name)
        if found.status != status:
            raise Fault(busy, f"{self._kind} {name.lower()} is not {status}: its status is {found.status}.")
        return found

    def forget(self, name: str) -> None:
        """Drop a resource; one that is gone already is no mistake."""
        self.pop(name.lower(), None)

    def refuse_taken(self, name: str) -> None:
        """Make sure that a name is free.

        Raises:
            Fault: it is not, with the code for that.
        """
        if name.lower() in self:
            raise Fault(self._taken, f"{self._kind} {name} already exists.")
