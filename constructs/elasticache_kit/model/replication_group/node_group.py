"""Rules of NodeGroupConfiguration: ids and slots of the shards."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.slot import SLOTS, parse_ranges
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import NodeGroupSpec, ReplicationGroupSpec


def count(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ngc-or-num."""
    configuration, shards = known(spec.node_group_configuration), known(spec.num_node_groups)
    if configuration and shards is not None and len(configuration) != shards:
        yield Finding(
            "num_node_groups",
            shards,
            f"node_group_configuration describes {len(configuration)} shards",
            f"leave num_node_groups out, or set it to {len(configuration)}",
        )


def node_group_id(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ngc-id."""
    for index, node_group in _entries(spec):
        if isinstance(name := node_group.node_group_id, str) and identifier.node_group_id(name):
            yield Finding(
                f"node_group_configuration[{index}].node_group_id",
                name,
                "a node group id is 1 to 4 digits",
                "take for example '0001'",
            )


def node_group_id_unique(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ngc-id-unique."""
    names = [item.node_group_id for _, item in _entries(spec) if isinstance(item.node_group_id, str)]
    for name, times in Counter(name.zfill(4) for name in names).items():
        if times > 1:
            yield Finding(
                "node_group_configuration",
                name,
                f"{times} shards have this node_group_id",
                "give every shard an id of its own, or none",
            )


def slots(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-slots."""
    for index, node_group in _entries(spec):
        if not isinstance(text := node_group.slots, str):
            continue
        try:
            parse_ranges(text)
        except ValueError as error:
            yield Finding(
                f"node_group_configuration[{index}].slots",
                text,
                str(error),
                f"write ranges inside 0-{SLOTS - 1}, for example '0-8191' or '0-99,200-299'",
            )


def slots_cover(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-slots-cover."""
    texts = [known(item.slots) for item in known(spec.node_group_configuration) or ()]
    if not any(texts):
        return
    # Where ranges begin and end, so that a group of 500 shards costs 500 steps and not 16384 of Python.
    edges = [0] * (SLOTS + 1)
    for text in texts:
        try:
            parts = parse_ranges(text) if text else ()
        except ValueError:
            raise UndecidedError from None
        for part in parts:
            edges[part.start] += 1
            edges[part.stop] -= 1
    owners = list(accumulate(edges[:SLOTS]))
    missing = owners.count(0)
    shared = SLOTS - missing - owners.count(1)
    for number, fault, first in (
        (missing, "belong to no shard", lambda: owners.index(0)),
        (shared, "belong to more than one shard", lambda: next(slot for slot, of in enumerate(owners) if of > 1)),
    ):
        if number:
            yield Finding(
                "node_group_configuration",
                tuple(texts),
                f"{number} of the {SLOTS} slots {fault}, the first is {first()}",
                "cover every slot once, or leave all slots out for even shares",
            )


def _entries(spec: ReplicationGroupSpec) -> Iterator[tuple[int, NodeGroupSpec]]:
    yield from enumerate(known(spec.node_group_configuration) or ())


CHECKS = {
    "rg-ngc-or-num": count,
    "rg-ngc-id": node_group_id,
    "rg-ngc-id-unique": node_group_id_unique,
    "rg-slots": slots,
    "rg-slots-cover": slots_cover,
}
