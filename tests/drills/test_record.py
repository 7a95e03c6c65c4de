"""What a drill has changed, on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from elasticache_kit.drills import record
from elasticache_kit.drills.record import Change
from elasticache_kit.errors import RefusedError

SCOPE = "http://127.0.0.1:1 eu-west-1"
LAG, SHARDS = Change("fault", {"kind": "lag"}), Change("shards", {"count": 2, "ids": ["0001"]})
# Opens a record, notes a change, says so, and waits for its death.
DRILL = """
import sys
from pathlib import Path
from elasticache_kit.drills import record
with record.opened(sys.argv[2], "orders", "run", Path(sys.argv[1])) as kept:
    kept.note(record.Change("replicas", {"count": 1}))
    print("noted", flush=True)
    sys.stdin.read()
"""


def begun(place: Path) -> subprocess.Popen[str]:
    """Start a drill in a process of its own that holds the record."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRILL, str(place), SCOPE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "noted\n"
    return process


def test_a_drill_that_put_everything_back_leaves_no_file(tmp_path: Path) -> None:
    """Nor a lock."""
    for _ in range(2):
        with record.opened(SCOPE, "orders", "run", tmp_path) as kept:
            kept.note(LAG)
            kept.forget(LAG)

    assert list(tmp_path.iterdir()) == []


def test_two_drills_on_one_group_are_refused_and_killing_one_frees_the_lock(tmp_path: Path) -> None:
    """What the killed one has not put back is in the way until it is."""
    process = begun(tmp_path)
    try:
        with (
            pytest.raises(RefusedError, match="another drill runs on it"),
            record.opened(SCOPE, "orders", "b", tmp_path),
        ):
            pytest.fail("two drills at once")
        with record.opened(SCOPE, "sessions", "b", tmp_path):
            pass
        assert record.left(tmp_path) == []
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    with pytest.raises(RefusedError, match=r"replicas \(count 1\); run `elasticache-kit drill cleanup`"):  # noqa: SIM117 - one of them raises
        with record.opened(SCOPE, "orders", "b", tmp_path):
            pytest.fail("over what was left")


def test_what_is_left_is_read_and_goes_when_it_is_put_back(tmp_path: Path) -> None:
    """With all that is needed to do it."""
    process = begun(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    (kept,) = record.left(tmp_path)
    assert (kept.scope, kept.group, kept.run_id) == (SCOPE, "orders", "run")
    assert kept.changes == [Change("replicas", {"count": 1})]
    kept.forget(kept.changes[0])
    kept.close()

    assert list(tmp_path.iterdir()) == []


def test_a_line_that_was_torn_is_passed_over(tmp_path: Path) -> None:
    """The one before it is what is known."""
    with record.opened(SCOPE, "orders", "run", tmp_path) as kept:
        kept.note(SHARDS)
        kept.note(LAG)
        text = kept.path.read_text()
        kept.path.write_text(text[:-20])
        kept.file.close()
        (found,) = record.left(tmp_path)
        assert found.changes == [SHARDS]
        found.file.close()
        kept.file = kept.path.open("r+")


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """It tells of groups and endpoints."""
    with record.opened(SCOPE, "orders", "run", tmp_path / "new") as kept:
        assert kept.path.stat().st_mode & 0o077 == 0
        assert kept.path.parent.stat().st_mode & 0o077 == 0
