"""What an outage is asked for with: its members, read and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elasticache.models import elasticache_backends

from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region

FAULT = "this fault"
REQUIRED: Any = object()
# Returns a value, or raises ValueError with what is allowed.
Read = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A member of an order.

    Args:
        name: its name.
        read: returns its value, or raises ValueError with what is allowed.
        default: what it is when it is left out; it must not be when omitted.
    """

    name: str
    read: Read
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Order:
    """An order that has been read.

    Args:
        kind: what breaks.
        region: where.
        values: its members by name, and None for those that were left out.
        engines: the engines; None where there are none.
    """

    kind: str
    region: Region
    values: Mapping[str, Any]
    engines: Fleet | None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def fleet(self) -> Fleet:
        """The engines of an outage that is about engines."""
        assert self.engines is not None  # noqa: S101 -- the catalog has asked for them
        return self.engines


def text(value: object) -> str:
    """Read a name."""
    if not isinstance(value, str) or not value:
        raise ValueError("it is a text")
    return value


def one_of(*allowed: str) -> Read:
    """Make what reads one of a few words."""

    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"it is one of {', '.join(allowed)}")
        return str(value)

    return read


def number(least: float, most: float, unit: str) -> Read:
    """Make what reads a number in a range, both ends included."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"it is a number of {unit} from {least:g} to {most:g}")
        return float(value)

    return read


def texts(value: object) -> tuple[str, ...]:
    """Read a list of names."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    if not items or not all(isinstance(item, str) and item for item in items):
        raise ValueError("it is a list of texts")
    return tuple(str(item) for item in items)


def read(
    order: Mapping[str, Any], kind: str, fields: Sequence[Field], either: Sequence[str], fleet: Fleet | None
) -> Order:
    """Read an order of a known kind.

    Args:
        order: what came.
        kind: the kind.
        fields: its members.
        either: members of which there must be exactly one; none when empty.
        fleet: the engines.

    Raises:
        RefusedError: with every reason.
    """
    known = (Field("Region", text), *fields)
    reasons: list[str] = []
    values: dict[str, Any] = {}
    for field in known:
        given = order.get(field.name)
        if given is None:
            if field.default is REQUIRED:
                reasons.append(f"{field.name} is missing")
            values[field.name] = field.default
            continue
        try:
            values[field.name] = field.read(given)
        except ValueError as error:
            reasons.append(f"{field.name} is {given!r}; {error}")
    if either and len([name for name in either if order.get(name) is not None]) != 1:
        reasons.append(f"give either {' or '.join(either)}")
    allowed = {"kind", *(field.name for field in known)}
    reasons += [f"{name} means nothing here" for name in sorted(set(order) - allowed)]
    if reasons:
        raise RefusedError(FAULT, reasons)
    backend: Any = elasticache_backends[DEFAULT_ACCOUNT_ID][values["Region"]]
    return Order(kind, backend.region, values, fleet)
