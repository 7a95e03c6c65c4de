"""What docs/cache.md and docs/sessions.md show runs as it stands, one block after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cache.conftest import EnvironOf, database, engines, environ_of

__all__ = ["database", "engines", "environ_of"]  # fixtures

pytestmark = pytest.mark.engine

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def run(page: str, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> dict[str, Any]:
    """Run the blocks of a page and return what they have made."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    made: dict[str, Any] = {}
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), made)  # noqa: S102 - our own page
    return made


def test_the_page_of_the_cache(monkeypatch: pytest.MonkeyPatch, database: str, environ_of: EnvironOf) -> None:
    """An order is read, changed, and read anew."""
    place = conninfo_to_dict(database)
    with psycopg.connect(database, autocommit=True) as sql:
        sql.execute("CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY, note text)")
        sql.execute("INSERT INTO orders VALUES (7, 'old') ON CONFLICT DO NOTHING")
    named = {"PGHOST": str(place["host"]), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    made = run("cache.md", monkeypatch, {**environ_of("standalone"), **named})
    assert made["order"](7) == ("old",)
    made["change"](7, "new")
    assert made["order"](7) == ("new",)
    assert made["note"](7) == ("new",)
    made["cache"].close()
    made["database"].close()


def test_the_page_of_the_sessions(monkeypatch: pytest.MonkeyPatch, environ_of: EnvironOf) -> None:
    """An application gets its sessions."""
    made = run("sessions.md", monkeypatch, environ_of("standalone"))
    assert len(made["app"].user_middleware) == 2
