"""Finds a memcached that runs on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.errors import MissingToolError

VARIABLE = "ELASTICACHE_KIT_MEMCACHED"
# Where packages put it, beside what is on PATH: a user's PATH often lacks the sbin folders.
FOLDERS = ("/usr/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
VERSION_TIMEOUT = 60.0
_VERSION = re.compile(r"memcached (\d\S*)")


@dataclass(frozen=True, slots=True)
class MemcachedBinary:
    """A memcached that has proved to run: its path and version."""

    path: Path
    version: str


def find(environment: Mapping[str, str] | None = None) -> MemcachedBinary:
    """Find memcached: the program that the variable ELASTICACHE_KIT_MEMCACHED names and no other, else one on PATH.

    Args:
        environment: the variables; those of this process when omitted.

    Raises:
        MissingToolError: none runs; the message says what was tried.
    """
    variables = os.environ if environment is None else environment
    named = variables.get(VARIABLE)
    searched = os.pathsep.join([variables.get("PATH", ""), *FOLDERS])
    found = named or shutil.which("memcached", path=searched)
    said = _probe(Path(found)) if found else f"memcached on {searched}: not there"
    if isinstance(said, MemcachedBinary):
        return said
    remedies = [
        "install memcached with the system's package manager",
        f"set {VARIABLE} to the path of a memcached that runs on this machine",
    ]
    raise MissingToolError("memcached", [said], remedies)


def _probe(path: Path) -> MemcachedBinary | str:
    try:
        run = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=VERSION_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path}: does not run: {error}"
    matched = _VERSION.match(run.stdout)
    if matched is None:
        return f"{path} -V said {(run.stdout + run.stderr).strip()!r}"
    return MemcachedBinary(path.absolute(), matched[1])
