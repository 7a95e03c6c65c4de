"""Which PostgreSQL runs, and what it is told of a password."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet.postgresql import binary as postgresql_binary
from elasticache_kit.emulator.fleet.postgresql.binary import VARIABLE, PostgreSQLBinary, fitting
from elasticache_kit.emulator.fleet.postgresql.verifier import verifier
from elasticache_kit.errors import MissingToolError

HERE = Path()


def test_the_programs_of_the_wheel_are_found() -> None:
    """The newest first; each is what its folder says."""
    found = postgresql_binary.find_all({"PATH": ""})

    assert found[0].major >= 18
    assert all((program.folder / "initdb").is_file() for program in found)


def test_a_folder_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    """Falling back to another one would hide the mistake; the message names both and what to do."""
    with pytest.raises(MissingToolError) as caught:
        postgresql_binary.find_all({VARIABLE: str(tmp_path)})

    assert f"{tmp_path} (named by {VARIABLE}): has no postgres, initdb, psql" in str(caught.value)
    assert "elasticache-kit[local]" in str(caught.value)


@pytest.mark.parametrize(("asked", "runs"), [("16.4", "16.13"), ("17.7", "18.4"), ("", "18.4")])
def test_the_same_major_version_runs_else_the_first(asked: str, runs: str) -> None:
    """What the API shows is what was asked for."""
    programs = (PostgreSQLBinary(HERE, "18.4"), PostgreSQLBinary(HERE, "16.13"))

    assert fitting(programs, asked).version == runs


def test_the_verifier_is_that_of_the_example_of_the_rfc() -> None:
    """RFC 7677, section 3: the keys follow from the salt and the password `pencil`."""
    salt = "W22ZaJ0SNY7soEsUEjb6gQ=="
    keys = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    assert verifier("pencil", base64.b64decode(salt)) == f"SCRAM-SHA-256$4096:{salt}${keys}"
