"""The shapes of the API of ElastiCache, and values of templates brought into them."""

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


@cache
def operation_shape(operation: str) -> Any:
    """Return the shape of what an operation of the API takes."""
    model: Any = botocore.session.get_session().get_service_model("elasticache")
    return model.operation_model(operation).input_shape
