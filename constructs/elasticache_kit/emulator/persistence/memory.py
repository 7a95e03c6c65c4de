"""What the emulator remembers: the backends of the services that are kept, what goes on, where the engines are."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import moto_seam
from elasticache_kit.emulator.fleet.address import Addresses
from elasticache_kit.emulator.persistence import pickling
from elasticache_kit.emulator.persistence.service import KEPT

if TYPE_CHECKING:
    from elasticache_kit.emulator.lifecycle import Job

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """All state at one moment.

    Args:
        backends: moto's backends by service, account and region.
        buckets: whose each bucket is.
        jobs: what went on in the background.
        addresses: the addresses of the engines.
    """

    backends: Mapping[tuple[str, str, str], Any]
    buckets: Mapping[str, tuple[str, str]]
    jobs: tuple[Job, ...] = ()
    addresses: Addresses = field(default_factory=Addresses)


def present(jobs: tuple[Job, ...], addresses: Addresses) -> Memory:
    """Look at the state of this process."""
    kept = {place: backend for place, backend in moto_seam.backends().items() if place[0] in KEPT}
    return Memory(kept, moto_seam.buckets(), jobs, addresses)


def written(memory: Memory) -> bytes:
    """Turn state into bytes.

    A job that cannot be written is left out, and the log says so: what it works on is in the state all the same.
    """
    try:
        return pickling.dumps(memory)
    except RuntimeError:
        raise
    except Exception as error:
        jobs = tuple(job for job in memory.jobs if _writable(job))
        if len(jobs) == len(memory.jobs):
            raise
        logger.warning("jobs that cannot be written are left out: %r", error)
        return pickling.dumps(dataclasses.replace(memory, jobs=jobs))


def _writable(job: Job) -> bool:
    try:
        pickling.dumps(job)
    except Exception:  # noqa: BLE001 - whatever its objects raise
        return False
    return True
