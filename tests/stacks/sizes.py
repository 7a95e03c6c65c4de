"""Settings of a small environment."""

from __future__ import annotations

from typing import Any

from aws_cdk import App

from stacks.settings import Settings
from tests.stacks.conftest import CONTEXT


def settings(**changes: Any) -> Settings:
    """Read the settings of the small environment, with changes as `-c` makes them."""
    return Settings.from_context(App(context={**CONTEXT, **changes}).node)
