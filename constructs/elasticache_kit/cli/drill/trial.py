"""One trial of a drill: within the guard rails, and everything put back however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.cli import output
from elasticache_kit.cli.drill.access import noted
from elasticache_kit.cli.drill.request import reasons, refused
from elasticache_kit.cli.live import watching
from elasticache_kit.drills import guard, putting_back, record, runner
from elasticache_kit.drills.access import unreachable
from elasticache_kit.drills.connection import LostError
from elasticache_kit.errors import ConnectionFailedError, RefusedError
from elasticache_kit.ops import inventory

if TYPE_CHECKING:
    from elasticache_kit.cli.drill.request import Request
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.drills.record import Record
    from elasticache_kit.drills.result import Result


def trial(asked: Request, number: int) -> Result:
    """Run one trial.

    Args:
        asked: the drill.
        number: which trial it is, from 1.

    Raises:
        RefusedError: a guard rail does not allow it; the message has every reason.
        ConnectionFailedError: the cache or the API cannot be reached.
    """
    api, one = asked.api, asked.experiment
    group = inventory.replication_group(api, one.group.replication_group_id)
    one = replace(one, group=group, run_id=one.run_id if number == 1 else f"{one.run_id}-{number}")
    asked = replace(asked, experiment=one)
    with record.opened(record.scope_of(api), group.replication_group_id, one.run_id) as kept:
        fault = _allowed(asked, kept)
        keys = record.Change("keys", {"run_id": one.run_id, **noted(one.access, asked.secret)})
        back = partial(putting_back.put_back, kept, api, one.access, output.talk)
        whole = True
        try:
            # In here: an interruption right after the note must put it back, too.
            kept.note(keys)
            with watching(one.settings.rate) as watch:
                result = runner.run(
                    one,
                    fault,
                    watch,
                    stop=asked.stop,
                    put_back=partial(_faults_back, kept, keys, back),
                    cleaned=partial(_forget, kept, keys),
                )
        finally:
            whole = back()
            if not whole:
                output.talk("not everything is put back: run `elasticache-kit drill cleanup`")
    return result if whole else replace(result, cleaned_up=False)


def _allowed(asked: Request, kept: Record) -> Fault:
    """Return the fault where it and every guard rail allow the drill.

    Raises:
        RefusedError: with every reason.
        ConnectionFailedError: the API or a primary cannot be reached.
    """
    fault, found = None, list[str]()
    try:
        fault = asked.fault(kept)
    except RefusedError as error:
        found += error.reasons
    try:
        # Whoever cannot get in is told so before the instrument is made ready.
        lag = _lag(asked)
    except ConnectionFailedError:
        if not found:
            raise
        lag = None
    found += reasons(asked, lag)
    if fault is None or found:
        raise refused(asked, found)
    return fault


def _faults_back(kept: Record, keys: record.Change, back: partial[bool]) -> None:
    # The load still goes on: its keys are not to be removed yet.
    kept.changes.remove(keys)
    try:
        back()
    finally:
        kept.note(keys)


def _forget(kept: Record, keys: record.Change) -> None:
    if keys in kept.changes:
        kept.forget(keys)


def _lag(asked: Request) -> Mapping[str, float | None]:
    """Ask each primary how far its replicas are behind.

    Raises:
        ConnectionFailedError: a primary cannot be reached.
    """
    one = asked.experiment
    try:
        return asyncio.run(guard.lags(one.group, one.access))
    except LostError as error:
        raise unreachable(one.group.replication_group_id, str(error)) from error
