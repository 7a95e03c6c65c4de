"""The page on choosing: what it says is refused is refused, in these words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from elasticache_kit.errors import ValidationError
from tests.cdk.conftest import isolated_vpc

PAGE = (Path(__file__).parents[2] / "docs" / "choosing.md").read_text()
REFUSALS = re.findall(r"```python\n(.+?)```\n\n```text\n(.+?)```", PAGE, re.DOTALL)
FEWEST = 10


@pytest.mark.parametrize(("code", "message"), REFUSALS)
def test_what_is_refused(code: str, message: str) -> None:
    """The example ends in the message that stands below it, word for word."""
    stack = Stack(App(), "orders")

    with pytest.raises(ValidationError) as error:
        exec(compile(code, "example", "exec"), {"stack": stack, "vpc": isolated_vpc(stack)})  # noqa: S102 - our page

    assert str(error.value) == message.rstrip("\n")


def test_every_example_has_its_message() -> None:
    """No example of the page is left out above."""
    assert len(REFUSALS) == PAGE.count("```python") >= FEWEST
