"""The shapes of the APIs of services, and values of templates brought into them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import botocore.session

BOOLEANS = {"true": True, "false": False}


def typed(value: Any, shape: Any) -> Any:
    """Give a template's value the type that the API's shape has: templates may write numbers and booleans as text."""
    if shape is None:
        return value
    if isinstance(value, Mapping):
        members = getattr(shape, "members", {})
        return {key: typed(item, members.get(key)) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [typed(item, getattr(shape, "member", None)) for item in cast("list[Any]", value)]
    if isinstance(value, str) and shape.type_name == "boolean":
        return BOOLEANS.get(value.lower(), value)
    if isinstance(value, str) and shape.type_name == "integer" and value.lstrip("-").isdigit():
        return int(value)
    return str(value) if shape.type_name == "string" and isinstance(value, int) else value


def lowered(value: Any, shape: Any) -> Any:
    """Give a template's value the type and the member names of a shape whose names begin with a small letter.

    Keys that a user chose, such as labels, stay as they are; members that the shape does not have are left out.
    """
    if isinstance(value, Mapping) and shape.type_name == "structure":
        given = {f"{key[0].lower()}{key[1:]}": item for key, item in cast("Mapping[str, Any]", value).items()}
        return {key: lowered(item, shape.members[key]) for key, item in given.items() if key in shape.members}
    if isinstance(value, list):
        return [lowered(item, shape.member) for item in cast("list[Any]", value)]
    return typed(value, shape)


@cache
def operation_shape(operation: str, service: str = "elasticache") -> Any:
    """Return the shape of what an operation of a service takes."""
    model: Any = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape
