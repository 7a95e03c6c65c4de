"""Notes who holds the data of a node while its process is replaced, for an emulator that is killed meanwhile.

A durable group takes up what its primary has written to the disk. While the primary starts anew, that is with a helper.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node

SUFFIX = ".stand-in"
# Writing is as slow as there is data; this ends only what has got stuck.
WRITE_TIMEOUT = 600.0


@contextmanager
def standing_in(group: Group, helper: Node, node: Node) -> Generator[None]:
    """Let a helper, which has everything, hold the data of a node for as long as this goes on and where it fails.

    Raises:
        EngineStartError: one of both does not write what it has to the disk.
    """
    if not group.plan.durable:
        yield
        return
    group.await_absence(helper, _unwritten, Deadline(WRITE_TIMEOUT))
    directory = group.workshop.directory
    note = _note(directory, node.cache_cluster_id)
    fresh = note.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(helper.cache_cluster_id)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(note)
    yield
    group.await_absence(node, _unwritten, Deadline(WRITE_TIMEOUT))
    note.unlink()


def restore(directory: Path, name: str) -> None:
    """Give a node that starts again what its stand-in held when the emulator ended; nothing happens where it had none.

    Args:
        directory: that of the group.
        name: the node.
    """
    note = _note(directory, name)
    if not note.exists():
        return
    held = directory / note.read_text()
    if held.is_dir():
        shutil.rmtree(directory / name, ignore_errors=True)
        held.rename(directory / name)
    note.unlink()


def _note(directory: Path, name: str) -> Path:
    return directory / f"{name}{SUFFIX}"


def _unwritten(admin: Admin) -> str | None:
    told = admin.info("persistence")
    if told["aof_enabled"] != "1" or told["aof_rewrite_in_progress"] != "0" or told["aof_rewrite_scheduled"] != "0":
        return "it has not written all that it has to its append only file yet"
    return None if told["aof_last_bgrewrite_status"] == "ok" else "it cannot write its append only file"
