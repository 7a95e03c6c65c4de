"""Every answer is read from our XML as it is read from moto's."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pytest
from botocore.parsers import QueryParser
from moto.core.serialize import QuerySerializer, XFormedAttributePicker
from moto.core.utils import get_service_model

from elasticache_kit.emulator.answer import written

MODEL: Any = get_service_model("elasticache")
TEXTS = ("a", "", "<&>\"'", "ünï", " a ", "0001")
# As the emulator keeps moments: without a zone.
MOMENTS = tuple(dt.datetime(2026, 11, 26, 1, 2, 3, part) for part in (0, 1, 999_999))  # noqa: DTZ001 - see above
SIMPLE: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "double": (0.0, 0.25, 1e9),
    "integer": (-1, 0, 20_000),
    "timestamp": MOMENTS,
}


def value(shape: Any, chance: Random, depth: int = 0) -> Any:
    """Make up a value of a shape, with some members left out, and some None."""
    match shape.type_name:
        case "structure":
            roll = {name: chance.random() for name in shape.members}
            return {
                name: None if roll[name] > 0.95 else value(member, chance, depth + 1)
                for name, member in shape.members.items()
                if roll[name] > 0.2
            }
        case "list":
            return [value(shape.member, chance, depth + 1) for _ in range(chance.randint(0, 2))]
        case other:
            return chance.choice(SIMPLE.get(other, TEXTS))


def read(text: str, shape: Any) -> Any:
    """Read an answer as boto3 does."""
    response: Any = {"body": text.encode(), "headers": {}, "status_code": 200}
    parser: Any = QueryParser()
    return parser.parse(response, shape)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_an_answer_is_read_as_motos(operation: str) -> None:
    """For each operation five answers that are made up from its shape: the readers cannot tell whose they are."""
    model = MODEL.operation_model(operation)
    for seed in range(5):
        result: Any = {} if model.output_shape is None else value(model.output_shape, Random(seed))  # noqa: S311 - no secret
        stock = QuerySerializer(operation_model=model, value_picker=XFormedAttributePicker()).serialize(result)

        assert read(written(model, result), model.output_shape) == read(str(stock["body"]), model.output_shape)
