"""State on disk: written whole or not at all, and never read where it is torn, changed or of another version.

The first line of a file is the checksum of all that follows, the second says which versions have written it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.errors import EmulatorError

NAME = "state"
PREVIOUS = "state.previous"
DRAFT = "state.new"
REFUSED = "refused"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on disk.

    Args:
        payload: the state; None where there is none that can be read.
        notes: a sentence for each file that was refused.
    """

    payload: bytes | None
    notes: tuple[str, ...] = ()


class StateFile:
    """The newest state of an emulator and the one before.

    Args:
        directory: where they are; made when it does not exist. It must be the user's own, and closed to all others:
            state is read as a pickle, and who can write a pickle can run code.
        versions: what must be the same for state to be read, by name.

    Raises:
        EmulatorError: the directory is not the user's own, or others may enter it.
    """

    def __init__(self, directory: Path, versions: Mapping[str, str]) -> None:
        self.directory = directory
        self._versions = dict(versions)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._refuse_shared(directory)

    def write(self, payload: bytes) -> None:
        """Put new state in the place of the old one and return when it is on disk.

        Raises:
            OSError: it could not be written; the old one is still there.
        """
        draft, current = self.directory / DRAFT, self.directory / NAME
        header = json.dumps({"format": FORMAT, "versions": self._versions, "bytes": len(payload)}).encode()
        body = header + b"\n" + payload
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            current.replace(self.directory / PREVIOUS)
        # Killed here, there is no current file: the previous one is the last that anybody was told of.
        draft.replace(current)
        folder = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self) -> Found:
        """Return the newest state that is whole and of these versions; files that are not are put aside.

        Raises:
            EmulatorError: a file is not the user's own.
        """
        notes: list[str] = []
        for name in (NAME, PREVIOUS):
            path = self.directory / name
            if not path.exists():
                continue
            reason, payload = self._judge(path)
            if payload is not None:
                if notes:
                    notes.append("The state before it was read: what came after that is missing.")
                return Found(payload, tuple(notes))
            notes.append(self.refuse(name, reason))
        return Found(None, (*notes, "The emulator starts empty.") if notes else ())

    def refuse(self, name: str, reason: str) -> str:
        """Put a file aside and return a sentence that says why and where it is."""
        kept = self.directory / f"{name}.{REFUSED}"
        (self.directory / name).replace(kept)
        return f"The state in {self.directory / name} was not read: {reason}. It is kept as {kept.name}."

    def discard(self) -> None:
        """Delete all state."""
        for name in (NAME, PREVIOUS, DRAFT):
            (self.directory / name).unlink(missing_ok=True)

    def _judge(self, path: Path) -> tuple[str, bytes | None]:
        """Return the payload of a file, or why it cannot be read."""
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or not stat.S_ISREG(status.st_mode) or status.st_mode & 0o022:
                raise EmulatorError(f"{path} is not a file that only you can write: delete it, or start with --fresh.")
            digest, _, body = file.read().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return "it is torn or was changed, for its checksum is another one", None
        header, _, payload = body.partition(b"\n")
        said = json.loads(header)
        written = {"format": str(said["format"]), **said["versions"]}
        present = {"format": str(FORMAT), **self._versions}
        other = [
            f"{name} {written.get(name)} where this is {here}"
            for name, here in present.items()
            if written.get(name) != here
        ]
        return (f"it was written by {', '.join(other)}", None) if other else ("", payload)

    @staticmethod
    def _refuse_shared(directory: Path) -> None:
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise EmulatorError(
                f"{directory} is not a directory of yours, and state is read from your own only: name another place "
                "with --directory."
            )
        if status.st_mode & 0o077:
            raise EmulatorError(
                f"{directory} is open to others (mode {status.st_mode & 0o777:o}), who could have code run through the "
                f"state in it: close it with `chmod 700 {directory}`, once you are sure that the files in it are yours."
            )
