"""Operations: the writes or the reads of one node group, as columns of numbers.

A drill on AWS lasts for as long as AWS takes to replace a node, and makes a million operations meanwhile. As objects
they would take hundreds of megabytes; as columns they take about fifty bytes each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan
from typing import overload

_NO_NUMBER = -1
_NO_ANSWER = "no answer by the end"


class Kind(StrEnum):
    """What is known of an operation.

    `fail` means that it certainly did not happen, `info` that it may or may not have happened.
    """

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


_KINDS = tuple(Kind)
_UNKNOWN = _KINDS.index(Kind.INFO)


@dataclass(frozen=True, slots=True)
class Operation:
    """A write or a read: an invocation and its completion as one.

    Args:
        intended: when the open-loop schedule wanted it to start; latency counts from here, so that a stall hides
            nothing.
        invoked: when it did start.
        completed: when its outcome was known; None if it never was.
        outcome: ok, fail or info.
        number: the number written or read; None for a read that found nothing or failed.
        node: which server answered, by its run id.
        error: why it is not ok, as a short kind such as `READONLY` or `timeout`.
    """

    intended: float
    invoked: float
    completed: float | None
    outcome: Kind
    number: int | None
    node: str | None
    error: str | None

    @property
    def latency(self) -> float:
        """Seconds from the intended start to the completion; infinite if it never completed."""
        return float("inf") if self.completed is None else self.completed - self.intended


class OperationLog(Sequence[Operation]):
    """The operations of one kind in one node group, in the order in which they were intended.

    Each is appended once when it starts, and completed once. What never completes may have happened: it is `info`.
    """

    def __init__(self) -> None:
        self._intended, self._invoked, self._completed = array("d"), array("d"), array("d")
        self._outcome = bytearray()
        self._number = array("q")
        self._node, self._error = array("H"), array("H")
        self._texts: list[str | None] = [None]
        self._places: dict[str | None, int] = {None: 0}
        self._unanswered = self._place(_NO_ANSWER)

    def invoke(self, intended: float, at: float, number: int | None = None) -> int:
        """Append an operation that starts now, and return its place."""
        self._intended.append(intended)
        self._invoked.append(at)
        self._completed.append(nan)
        self._outcome.append(_UNKNOWN)
        self._number.append(_NO_NUMBER if number is None else number)
        self._node.append(0)
        self._error.append(self._unanswered)
        return len(self._intended) - 1

    def complete(
        self,
        place: int,
        at: float,
        kind: Kind,
        *,
        number: int | None = None,
        node: str | None = None,
        error: str | None = None,
    ) -> None:
        """Put down what became of an operation."""
        self._completed[place] = at
        self._outcome[place] = _KINDS.index(kind)
        if number is not None:
            self._number[place] = number
        places = self._places
        self._node[place] = places[node] if node in places else self._place(node)
        self._error[place] = places[error] if error in places else self._place(error)

    def __len__(self) -> int:
        return len(self._intended)

    @overload
    def __getitem__(self, place: int) -> Operation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Operation]: ...
    def __getitem__(self, place: int | slice) -> Operation | list[Operation]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        completed, number = self._completed[place], self._number[place]
        return Operation(
            self._intended[place],
            self._invoked[place],
            None if isnan(completed) else completed,
            _KINDS[self._outcome[place]],
            None if number == _NO_NUMBER else number,
            self._texts[self._node[place]],
            self._texts[self._error[place]],
        )

    def __iter__(self) -> Iterator[Operation]:
        return (self[place] for place in range(len(self)))

    def _place(self, text: str | None) -> int:
        """Return the place of a text in the table of texts: there are few, and each comes a thousand times."""
        if text not in self._places:
            self._places[text] = len(self._texts)
            self._texts.append(text)
        return self._places[text]
