"""What `elasticache_kit.cdk` offers."""

from __future__ import annotations

import inspect
import types

import pytest

from elasticache_kit import cdk


def test_all_is_everything_that_is_visible() -> None:
    """Nothing is exported by accident, and nothing that is exported is missing from the list."""
    public = {name: value for name, value in vars(cdk).items() if not name.startswith("_")}
    visible = {name for name, value in public.items() if not isinstance(value, types.ModuleType)}

    assert set(cdk.__all__) == visible
    assert list(cdk.__all__) == sorted(cdk.__all__)


@pytest.mark.parametrize("name", cdk.__all__)
def test_everything_is_documented(name: str) -> None:
    """Each name says in a sentence of its own what it is."""
    text = inspect.getdoc(getattr(cdk, name)) or ""

    assert text.splitlines()[0].endswith(".")
