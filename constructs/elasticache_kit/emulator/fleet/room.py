"""How many engines this machine has room for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from elasticache_kit.errors import EmulatorError

VARIABLE = "ELASTICACHE_KIT_MOST_ENGINES"
# An engine of a cluster of 500 takes so much with its links to all others; one of few nodes takes three.
MIB_PER_ENGINE = 16
# Where this machine does not say how much memory is free.
DEFAULT_MOST = 500
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)


def most_engines(environment: Mapping[str, str] | None = None, memory: Path = Path("/proc/meminfo")) -> int:
    """Say how many engines may run: what a variable says, else as many as the memory that is free now is enough for.

    Args:
        environment: the variables; those of this process when omitted.
        memory: where this machine says how much memory it has.

    Raises:
        EmulatorError: the variable is no number.
    """
    given = (os.environ if environment is None else environment).get(VARIABLE)
    if given is not None:
        if not given.isdecimal():
            raise EmulatorError(f"{VARIABLE} is {given!r}: give the number of engines that may run, 0 or more.")
        return int(given)
    try:
        found = _AVAILABLE.search(memory.read_text(encoding="ascii"))
    except OSError:
        found = None
    return int(found[1]) // 1024 // MIB_PER_ENGINE if found else DEFAULT_MOST
