"""Takes RDB files of a running group, one of each shard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import replication
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node

CATCH_UP_TIMEOUT = 5.0
# Writing is as slow as there is data; this ends only what has got stuck.
SAVE_TIMEOUT = 600.0


def take(group: Group, directory: Path) -> Mapping[str, Path]:
    """Write the data of a group to files; clients go on meanwhile.

    A replica writes where there is one that has all that its primary had when this began; else the primary does.

    Args:
        group: whose data.
        directory: where the files go; made when it does not exist.

    Returns:
        the file of each shard, by node group id. Only its owner may read it.

    Raises:
        EngineStartError: a shard has no living primary, or a node could not write.
    """
    directory.mkdir(parents=True, exist_ok=True)
    sources = {shard.node_group_id: _source(group, shard.node_group_id) for shard in group.plan.node_groups}
    # All shards begin at once: their states belong to one moment, as near as engines that do not agree on one can be.
    for node in sources.values():
        group.await_absence(node, _begin, Deadline(SAVE_TIMEOUT))
    files: dict[str, Path] = {}
    for node_group_id, node in sources.items():
        group.await_absence(node, _unfinished, Deadline(SAVE_TIMEOUT))
        with node.engine.admin() as admin:
            if admin.info("persistence")["rdb_last_bgsave_status"] != "ok":
                raise node.engine.failure("it could not write its data to a file")
        files[node_group_id] = _copy(node.engine.directory / "dump.rdb", directory / f"{node_group_id}.rdb")
    return files


def _source(group: Group, node_group_id: str) -> Node:
    primary = group.leader(node_group_id)
    with primary.engine.admin() as admin:
        due = int(admin.info("replication")["master_repl_offset"])
    deadline = Deadline(CATCH_UP_TIMEOUT)
    for name in group.replicas_by_offset(node_group_id):
        replica = group.node(name)
        if deadline.wait_for(lambda replica=replica: _behind(replica, due)) is None:
            return replica
    return primary


def _behind(replica: Node, due: int) -> str | None:
    return "it is behind" if (replication.offset(replica) or 0) < due else None


def _begin(admin: Admin) -> str | None:
    try:
        admin.command("BGSAVE")
    except ReplyError as error:
        # For a new replica, perhaps: that state may be older than this call.
        if "in progress" not in str(error):
            raise
        return "it writes for somebody else"
    return None


def _unfinished(admin: Admin) -> str | None:
    return "it writes still" if admin.info("persistence")["rdb_bgsave_in_progress"] != "0" else None


def _copy(source: Path, target: Path) -> Path:
    target.unlink(missing_ok=True)
    with (
        source.open("rb") as data,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
    ):
        shutil.copyfileobj(data, copy)
    return target
