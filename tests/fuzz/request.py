"""Random requests that botocore takes: made from its own model of the service, so an operation it adds joins by itself.

What a request names exists more often than not, or is free where something is made; numbers and texts are those at the
borders of what AWS takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, cast

import botocore.session
from botocore import xform_name

from tests.fuzz.value import ANY_NUMBER, NAMED, NEW, NUMBERS, ODD_TEXTS, SOUND, VALUES, WANTED

Names = Mapping[str, Sequence[str]]
POOL = ("a", "b", "c", "d")
# How likely each optional member is, one of these for each request: most are small, a few say everything.
GENEROSITY = (0.0, 0.05, 0.1, 0.25, 0.9)


@cache
def service() -> Any:
    """Return botocore's model of ElastiCache."""
    return cast("Any", botocore.session.get_session()).get_service_model("elasticache")


def operations() -> tuple[str, ...]:
    """Return every operation of the model."""
    return tuple(service().operation_names)


def method(operation: str) -> str:
    """Return what boto3 calls an operation."""
    return xform_name(operation)


class Requests:
    """Makes requests.

    Args:
        chance: where the choices come from; the same seed and names make the same requests.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def operation(self) -> str:
        """Choose an operation; what makes something comes twice as often as what deletes."""
        names = operations()
        weights = [4 if name in NEW else 1 if name.startswith("Delete") else 2 for name in names]
        return self._chance.choices(names, weights)[0]

    def request(self, operation: str, names: Names) -> dict[str, Any]:
        """Make a request.

        Args:
            operation: which.
            names: what there is, by kind.
        """
        shape = service().operation_model(operation).input_shape
        if shape is None:
            return {}
        generosity = self._chance.choice(GENEROSITY)
        wanted = WANTED.get(operation, ()) if self._chance.random() < 0.9 else ()
        sound: Mapping[str, Any] = {}
        if operation in SOUND and self._chance.random() < 0.8:
            sound, generosity = self._chance.choice(SOUND[operation]), self._chance.choice(GENEROSITY[:3])
        found: dict[str, Any] = {}
        for name, member in shape.members.items():
            needed = name in shape.required_members or name in wanted or name == NEW.get(operation)
            # A page that nobody gave out is refused, and hides whatever else the request says.
            rare = 0.02 if name in ("Marker", "NextToken") else generosity
            if name in sound and self._chance.random() < 0.95:
                found[name] = sound[name]
            elif needed or self._chance.random() < rare:
                found[name] = self._value(operation, name, member, names, generosity)
        return found

    def _value(self, operation: str, name: str, shape: Any, names: Names, generosity: float) -> Any:
        match shape.type_name:
            case "structure":
                return {
                    key: self._value(operation, key, member, names, generosity)
                    for key, member in shape.members.items()
                    if key in shape.required_members or self._chance.random() < max(generosity, 0.6)
                }
            case "list":
                least = int(shape.metadata.get("min", 0))
                number = max(least, self._chance.choice((1, 1, 1, 2, 2, 3, 0)))
                return [self._value(operation, name, shape.member, names, generosity) for _ in range(number)]
            case "boolean":
                return self._chance.random() < 0.6
            case "integer" | "long":
                return self._early(NUMBERS.get(name, ANY_NUMBER))
            case "timestamp":
                return dt.datetime.now(dt.UTC) + dt.timedelta(hours=self._chance.choice((-1, 0, 1, -400, 400)))
            case _:
                return self._text(operation, name, shape, names)

    def _text(self, operation: str, name: str, shape: Any, names: Names) -> str:
        if self._chance.random() < 0.03:
            return self._chance.choice(ODD_TEXTS)
        if kind := NAMED.get(name):
            return self._name(kind, names, fresh=NEW.get(operation) == name)
        if choices := list(getattr(shape, "enum", ())):
            return self._chance.choice(choices)
        if name in VALUES:
            return str(self._early(VALUES[name]))
        return self._chance.choice(ODD_TEXTS)

    def _name(self, kind: str, names: Names, *, fresh: bool) -> str:
        there = list(names.get(kind, ()))
        free = [name for name in POOL if name not in there]
        roll = self._chance.random()
        if fresh and free and roll < 0.85:
            return self._chance.choice(free)
        if there and roll < 0.93:
            found = self._chance.choice(there)
            # Ids are the same in any case.
            return found.upper() if self._chance.random() < 0.05 else found
        return self._chance.choice((*POOL, *there))

    def _early(self, values: Sequence[Any]) -> Any:
        """Choose a value, the first ones likelier than the last."""
        return values[min(int(self._chance.expovariate(1.0) * len(values) / 3), len(values) - 1)]
