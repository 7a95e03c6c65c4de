"""The variables that tell of a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.database_environment import DATABASE_PREFIX, DatabaseEnvironment

TEXTS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


@given(host=TEXTS, port=st.integers(1, 65535), name=TEXTS, secret_arn=st.none() | TEXTS)
def test_what_is_written_is_read(host: str, port: int, name: str, secret_arn: str | None) -> None:
    """Each field is a variable, and one that is not given has none."""
    written = DatabaseEnvironment(host=host, port=port, name=name, secret_arn=secret_arn)

    assert DatabaseEnvironment.from_env(written.to_env()) == written
    assert (f"{DATABASE_PREFIX}SECRET_ARN" in written.to_env()) == (secret_arn is not None)


def test_what_is_not_said_has_a_default() -> None:
    """An empty variable says nothing."""
    read = DatabaseEnvironment.from_env({f"{DATABASE_PREFIX}HOST": "db", f"{DATABASE_PREFIX}PORT": ""})

    assert read == DatabaseEnvironment(host="db", port=5432, name="postgres", secret_arn=None)


def test_all_mistakes_at_once() -> None:
    """Nobody is led to a database on this machine instead."""
    with pytest.raises(ValidationError) as caught:
        DatabaseEnvironment.from_env({"ORDERS_PORT": "5x"}, "ORDERS_")

    assert str(caught.value).splitlines() == [
        "The environment describes no database:",
        "  ORDERS_HOST is not set: give the host name of the database",
        "  ORDERS_PORT = '5x' is not a number from 1 to 65535",
    ]
