"""Backup and restore: a group that is made from a snapshot has every key of the group that it was taken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.ops import content, session
from elasticache_kit.ops.content import Access
from tour.promise import require

if TYPE_CHECKING:
    from elasticache_kit.ops.content import Digest
    from tour.place import Place

STACK = "replication-group"
SNAPSHOT, RESTORED = "tour", "tour-restored"
KEYS = 200


def check(place: Place) -> str:
    """Take a snapshot, change the group, make another from the snapshot, and compare the digests of all keys."""
    name = place.output(STACK, "ReplicationGroupId")
    with place.connect(place.endpoint(STACK, "PrimaryEndpoint")) as client:
        for number in range(KEYS):
            client.hset("backup:hash", f"field:{number}", str(number))
            client.set(f"backup:{number}", number)
    before = _digest(place, name)
    place.run("snapshot", "create", name, "--name", SNAPSHOT, "--apply")
    with place.connect(place.endpoint(STACK, "PrimaryEndpoint")) as client:
        client.set("backup:later", "not in the snapshot")
    place.run("snapshot", "restore", SNAPSHOT, RESTORED, "--replicas", "0", "--apply")
    restored, now = _digest(place, RESTORED), _digest(place, name)
    require(restored == before, f"restored were {restored.text}, and the snapshot was taken of {before.text}")
    require(now != before, "a digest does not tell two contents apart")
    return f"{restored.keys} keys restored into a new group, with the same digest {restored.value[:12]}"


def _digest(place: Place, name: str) -> Digest:
    return content.read(place.group(name), Access.of(session.connect()))
