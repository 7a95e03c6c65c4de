"""The record: what a drill changes, written down before it is changed, so that it can be put back even after kill -9.

A file for each replication group, which the drill holds a lock on: there is one drill on a group at a time, and a lock
of a process that died is free. What is still in the file then is what that drill did not put back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

from elasticache_kit.errors import RefusedError, ValidationError

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a drill changes.

    Args:
        kind: a key of `putting_back.WAYS`, for example `fault` or `replicas`.
        what: what it is about, for people and for putting it back.
    """

    kind: str
    what: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.kind} ({', '.join(f'{name} {value}' for name, value in self.what.items())})"


@dataclass(slots=True)
class Record:
    """What one drill has changed and not put back yet.

    Args:
        path: the file.
        scope: the endpoint and the Region that the group is in.
        group: the replication group.
        run_id: the drill's id.
        changes: oldest first.
        file: the open file, which the lock is on.
    """

    path: Path
    scope: str
    group: str
    run_id: str
    changes: list[Change]
    file: IO[str] = field(repr=False)

    def note(self, change: Change) -> None:
        """Write a change down; it may be made when this returns."""
        self.changes.append(change)
        self._write()

    def replace(self, change: Change, by: Change) -> None:
        """Write down what is known of a change only now that it is made."""
        self.changes[self.changes.index(change)] = by
        self._write()

    def forget(self, change: Change) -> None:
        """Strike a change that was put back."""
        self.changes.remove(change)
        self._write()

    def close(self) -> None:
        """Give the lock back; a file without a change goes."""
        if not self.changes:
            self.path.unlink(missing_ok=True)
        self.file.close()

    def _write(self) -> None:
        document = {
            "scope": self.scope,
            "group": self.group,
            "run_id": self.run_id,
            "changes": [{"kind": change.kind, "what": dict(change.what)} for change in self.changes],
        }
        # In place, for the lock is on this file; what is torn by a crash is longer than nothing, see `_read`.
        text = json.dumps(document) + "\n"
        self.file.seek(0, os.SEEK_END)
        self.file.write(text)
        self.file.flush()
        os.fsync(self.file.fileno())


def folder() -> Path:
    """Return where records are: below XDG_STATE_HOME, or ~/.local/state."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "elasticache-kit-drills"


def scope_of(session: Session) -> str:
    """Return what tells two groups of one name apart."""
    return f"{session.endpoint_url} {session.region}"


@contextmanager
def opened(scope: str, group: str, run_id: str, place: Path | None = None) -> Generator[Record]:
    """Open the record of a new drill, and hold its lock until the block ends.

    Args:
        scope: see `scope_of`.
        group: the replication group.
        run_id: the drill's id.
        place: the folder of the records; that of the user when omitted.

    Raises:
        RefusedError: a drill runs on the group, or one before has not put everything back.
        ValidationError: the folder cannot be written to.
    """
    record = _open(_path(place or folder(), scope, group), scope, group, run_id)
    if record is None:
        raise RefusedError(f"a drill on {group}", ["another drill runs on it: wait for its end"])
    if record.changes:
        left = "; ".join(map(str, record.changes))
        record.file.close()
        raise RefusedError(
            f"a drill on {group}",
            [f"a drill before ({record.run_id}) has not put back: {left}; run `elasticache-kit drill cleanup`"],
        )
    try:
        record.run_id = run_id
        yield record
    finally:
        record.close()


def left(place: Path | None = None) -> list[Record]:
    """Return the records of drills that have ended and not put everything back; each holds its lock until closed."""
    found: list[Record] = []
    for path in sorted((place or folder()).glob("*.jsonl")):
        record = _open(path, "", "", "")
        if record is not None:
            found.append(record)
    return found


def _path(place: Path, scope: str, group: str) -> Path:
    mark = hashlib.sha256(f"{scope} {group}".encode()).hexdigest()[:8]
    return place / f"{group}-{mark}.jsonl"


def _open(path: Path, scope: str, group: str, run_id: str) -> Record | None:
    """Open and lock a record; None while another process holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ValidationError(f"the record {str(path)!r} cannot be written: {error.strerror}") from error
    file = os.fdopen(descriptor, "r+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    record = Record(path, scope, group, run_id, [], file)
    _read(record)
    # Another drill may have removed the file between opening and locking: then the lock is on nothing.
    if not _same(path, descriptor):
        file.close()
        return _open(path, scope, group, run_id)
    return record


def _same(path: Path, descriptor: int) -> bool:
    with suppress(OSError):
        return os.stat(path).st_ino == os.fstat(descriptor).st_ino  # noqa: PTH116 - both sides of one comparison
    return False


def _read(record: Record) -> None:
    """Read the last line that is whole."""
    for line in reversed(record.file.read().splitlines()):
        with suppress(ValueError, KeyError, TypeError):
            document: dict[str, Any] = json.loads(line)
            record.changes = [Change(item["kind"], item["what"]) for item in document["changes"]]
            record.scope, record.group, record.run_id = document["scope"], document["group"], document["run_id"]
            return
