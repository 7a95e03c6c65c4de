"""What the tests of the benchmarks build on."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack


@pytest.fixture
def stack() -> Stack:
    """An empty stack."""
    return Stack(App(), "Stack")
