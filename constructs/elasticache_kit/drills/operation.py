"""Operations: the writes or the reads of one node group, as rows of bytes.

A drill on AWS lasts for as long as AWS takes to replace a node, and makes a million operations meanwhile. As objects
they would take hundreds of megabytes; as bytes they take 37 each, and writing one takes a call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan
from typing import Any, overload

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

# Intended, invoked, number; and then completed, kind, error, node, which come together later.
_INVOCATION, _COMPLETION = struct.Struct("=ddq"), struct.Struct("=dBHH")
_ROW = struct.Struct("=ddqdBHH")
_NUMBER, _NUMBER_AT = struct.Struct("=q"), 16


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
        self._rows = bytearray()
        self._texts: list[str | None] = [None]
        self._places: dict[str | None, int] = {None: 0}
        self._unanswered = self._place(_NO_ANSWER)

    def invoke(self, intended: float, at: float, number: int | None = None) -> int:
        """Append an operation that starts now, and return its place."""
        place = len(self._rows) // _ROW.size
        number = _NO_NUMBER if number is None else number
        self._rows += _ROW.pack(intended, at, number, nan, _UNKNOWN, self._unanswered, 0)
        return place

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
        places, start = self._places, place * _ROW.size
        texts = (
            places[error] if error in places else self._place(error),
            places[node] if node in places else self._place(node),
        )
        _COMPLETION.pack_into(self._rows, start + _INVOCATION.size, at, _KINDS.index(kind), *texts)
        if number is not None:
            _NUMBER.pack_into(self._rows, start + _NUMBER_AT, number)

    def __len__(self) -> int:
        return len(self._rows) // _ROW.size

    @overload
    def __getitem__(self, place: int) -> Operation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Operation]: ...
    def __getitem__(self, place: int | slice) -> Operation | list[Operation]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._operation(_ROW.unpack_from(self._rows, place % len(self) * _ROW.size))

    def __iter__(self) -> Iterator[Operation]:
        # Of a copy: bytes that are gone through cannot grow, and the load may still be on.
        return map(self._operation, _ROW.iter_unpack(bytes(self._rows)))

    def _operation(self, row: tuple[Any, ...]) -> Operation:
        intended, invoked, completed = float(row[0]), float(row[1]), float(row[3])
        number, kind, error, node = int(row[2]), int(row[4]), int(row[5]), int(row[6])
        return Operation(
            intended,
            invoked,
            None if isnan(completed) else completed,
            _KINDS[kind],
            None if number == _NO_NUMBER else number,
            self._texts[node],
            self._texts[error],
        )

    def _place(self, text: str | None) -> int:
        """Return the place of a text in the table of texts: there are few, and each comes a thousand times."""
        if text not in self._places:
            self._places[text] = len(self._texts)
            self._texts.append(text)
        return self._places[text]
