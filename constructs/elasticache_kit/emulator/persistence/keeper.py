"""Keeps the state of an emulator on disk, and gives it back to the next one."""

from __future__ import annotations

import logging
import platform
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit import __version__
from elasticache_kit.emulator.fleet.fleet import GROUPS
from elasticache_kit.emulator.fleet.postgresql.register import DATABASES
from elasticache_kit.emulator.image import IMAGES
from elasticache_kit.emulator.persistence import durable, memory, pickling
from elasticache_kit.emulator.persistence.journal import Journal
from elasticache_kit.emulator.persistence.state_file import NAME, PREVIOUS, StateFile

if TYPE_CHECKING:
    from elasticache_kit.emulator.gate import Gate
    from elasticache_kit.emulator.persistence.memory import Memory

logger = logging.getLogger(__name__)

DIRECTORY = "state"


class Keeper:
    """The state of one emulator.

    Args:
        directory: the emulator's own; state has a directory of its own in it.
        gate: what everybody goes through who changes state.

    Raises:
        EmulatorError: the state's directory is open to others.
    """

    def __init__(self, directory: Path, gate: Gate) -> None:
        versions = {
            "elasticache-kit": __version__,
            "moto": version("moto"),
            "botocore": version("botocore"),
            "python": ".".join(platform.python_version_tuple()[:2]),
        }
        self._directory = directory
        self._file = StateFile(directory / DIRECTORY, versions)
        self._gate = gate
        self._journal: Journal | None = None
        self.notes: tuple[str, ...] = ()

    def discard(self) -> None:
        """Forget all state, and delete what engines have kept."""
        self._file.discard()
        for name in (GROUPS, DATABASES, IMAGES):
            shutil.rmtree(self._directory / name, ignore_errors=True)

    def recall(self) -> Memory | None:
        """Return the newest state that can be read; `notes` then says what could not be.

        Raises:
            EmulatorError: a file is not the user's own.
        """
        while (found := self._file.read()).payload is not None:
            self.notes = (*self.notes, *found.notes)
            try:
                recalled: Memory = pickling.loads(found.payload)
            except Exception as error:
                # Of these versions and whole, and yet: a class was changed by hand, say.
                logger.exception("state that cannot be understood")
                name = NAME if (self._file.directory / NAME).exists() else PREVIOUS
                self.notes = (*self.notes, self._file.refuse(name, f"it is not understood ({error!r})"))
            else:
                return recalled
        self.notes = (*self.notes, *found.notes)
        return None

    def begin(self, look: Callable[[], Memory]) -> None:
        """Write state from now on, whenever it changes.

        Args:
            look: gives the state of the moment.
        """
        self._journal = Journal(self._gate, self._file, lambda: memory.written(look()))

    def serve(self, application: durable.Application) -> durable.Application:
        """Let an application answer only when what it has done is on disk; after `begin`."""
        assert self._journal is not None  # noqa: S101 - see above
        return durable.serve(application, self._gate, self._journal)

    def close(self) -> None:
        """Write the last state; nothing is written after it."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
