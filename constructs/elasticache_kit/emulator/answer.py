"""How an answer is written: XML of the query protocol, straight from botocore's shapes.

moto's serializer looks for each member under many names, builds a tree and has that written by another package: with
300 nodes in a Region that was 98 % of the time of a describe call. Our actions call each member by its name, so that a
writer is made once for each shape. A test holds every answer against moto's. Errors are written by moto.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult
from moto.core.serialize import QuerySerializer

if TYPE_CHECKING:
    from moto.core.responses import ActionContext

Write = Callable[[list[str], Any], None]
CONTENT_TYPE = "text/xml"
REQUEST_ID = "request-id"


class Answer(ActionResult):
    """What an action returned, or the fault that it raised."""

    def execute_result(self, context: ActionContext) -> Any:
        """Write it for the wire: status, headers and body."""
        result: Any = self.result
        if not isinstance(result, Mapping) or context.serializer_class is not QuerySerializer:
            return super().execute_result(context)
        model: Any = context.operation_model
        return 200, {"Content-Type": CONTENT_TYPE}, written(model, result)


def written(model: Any, result: Any) -> str:
    """Write what an action returned.

    Args:
        model: botocore's model of the operation.
        result: the members of its answer, by botocore's names.
    """
    name, namespace, parts = model.name, model.service_model.metadata["xmlNamespace"], list[str]()
    parts.append(f'<{name}Response xmlns="{namespace}">')
    if (shape := model.output_shape) is not None:
        tag = shape.serialization.get("resultWrapper", f"{shape.name}Result")
        parts.append(f"<{tag}>")
        _writer(shape)(parts, result)
        parts.append(f"</{tag}>")
    parts.append(f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{name}Response>")
    return "".join(parts)


@cache
def _writer(shape: Any) -> Write:
    """Make the function that writes the inside of an element."""
    match shape.type_name:
        case "structure":
            return _structure(shape)
        case "list":
            return _list(shape)
        case "boolean":
            return lambda parts, value: parts.append("true" if value else "false")
        case "timestamp":
            return lambda parts, value: parts.append(_moment(value))
        case _:
            return lambda parts, value: parts.append(escape(str(value)))


def _structure(shape: Any) -> Write:
    members = tuple(
        (name, *_tags(member.serialization.get("name", name)), _writer(member))
        for name, member in shape.members.items()
    )

    def write(parts: list[str], value: Mapping[str, Any]) -> None:
        for name, opening, closing, inside in members:
            if (item := value.get(name)) is not None:
                parts.append(opening)
                inside(parts, item)
                parts.append(closing)

    return write


def _list(shape: Any) -> Write:
    opening, closing = _tags(shape.member.serialization.get("name", "member"))
    inside = _writer(shape.member)

    def write(parts: list[str], value: Sequence[Any]) -> None:
        for item in value:
            before = len(parts)
            parts.append(opening)
            inside(parts, item)
            if len(parts) > before + 1:
                parts.append(closing)
            else:
                # An item that says nothing is left out.
                parts.pop()

    return write


def _tags(name: str) -> tuple[str, str]:
    return f"<{name}>", f"</{name}>"


def _moment(value: dt.datetime) -> str:
    moment = value.astimezone(dt.UTC) if value.tzinfo else value
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if moment.microsecond else "%Y-%m-%dT%H:%M:%SZ")
