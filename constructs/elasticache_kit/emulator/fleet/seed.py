"""Fills a new cluster from RDB files of any number of shards.

An engine loads a file whole, but a shard must hold its own slots only. So a helper loads each file, and every key goes
from there to the shard that its slot is in (DUMP and RESTORE: value and time of expiry stay as they are).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import EngineStartError
from elasticache_kit.model.slot import key_slot

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.admin import Admin, RawReply
    from elasticache_kit.emulator.fleet.engine import Engine
    from elasticache_kit.emulator.fleet.workshop import Workshop

LOAD_TIMEOUT = 600.0
PAGE = 1000


def plant(files: Sequence[Path], primaries: Mapping[Engine, range | frozenset[int]], workshop: Workshop) -> None:
    """Put the keys and functions of files into the primaries of a cluster.

    Args:
        files: RDB files; a key that is in several comes from the last one.
        primaries: the slots of each primary.
        workshop: what the engine that loads is made of.

    Raises:
        EngineStartError: a file cannot be read, or has keys in a database other than 0, which a cluster has not.
    """
    owners = {slot: engine for engine, slots in primaries.items() for slot in slots}
    for file in files:
        loader = workshop.engine("seed")
        try:
            loader.start({"cluster-enabled": "no"}, files={"dump.rdb": file})
            loader.ready(Deadline(LOAD_TIMEOUT))
            _hand_out(file, loader, owners)
        finally:
            loader.kill()
            workshop.block.give_back(loader.address)
            shutil.rmtree(loader.directory, ignore_errors=True)


def _hand_out(file: Path, loader: Engine, owners: Mapping[int, Engine]) -> None:
    with loader.admin() as source:
        databases = [name for name in source.info("keyspace") if name != "db0"]
        if databases:
            raise EngineStartError(
                f"{file.name} has keys in {', '.join(databases)}. With cluster mode enabled there is database 0 only."
            )
        targets = {engine: engine.admin() for engine in set(owners.values())}
        try:
            (functions,) = source.raw([("FUNCTION", "DUMP")])
            for target in targets.values():
                if isinstance(functions, bytes):
                    target.command("FUNCTION", "RESTORE", functions, "REPLACE")
            for keys in _pages(source):
                _pass_on(source, keys, {key: targets[owners[key_slot(key)]] for key in keys})
        finally:
            for target in targets.values():
                target.close()


def _pass_on(source: Admin, keys: Sequence[bytes], targets: Mapping[bytes, Admin]) -> None:
    values = source.raw([command for key in keys for command in (("DUMP", key), ("PEXPIRETIME", key))])
    batches: dict[Admin, list[tuple[str | int | bytes, ...]]] = {}
    for key, value, ends in zip(keys, values[::2], values[1::2], strict=True):
        # None: it has expired since the page was read.
        if isinstance(value, bytes) and isinstance(ends, int):
            command = ("RESTORE", key, max(ends, 0), value, "ABSTTL", "REPLACE")
            batches.setdefault(targets[key], []).append(command)
    for target, batch in batches.items():
        target.commands(batch)


def _pages(source: Admin) -> Iterator[list[bytes]]:
    cursor: RawReply = b"0"
    while True:
        (page,) = source.raw([("SCAN", cursor if isinstance(cursor, bytes) else b"0", "COUNT", PAGE)])
        if not isinstance(page, list):
            return
        cursor, found = page
        yield [key for key in found if isinstance(key, bytes)] if isinstance(found, list) else []
        if cursor == b"0":
            return
