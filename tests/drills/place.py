"""Where drills run in tests: a local ElastiCache with real engines, served by this process."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import handlers

from elasticache_kit.drills import guard, record, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.catalog import DRILLS, Context
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model import permission
from elasticache_kit.ops import inventory, session
from tests.cli.local import REGION, Local

if TYPE_CHECKING:
    from elasticache_kit.drills.progress import Watch
    from elasticache_kit.drills.result import Result
    from elasticache_kit.drills.verdict import Finding
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session

SHORT = Settings(
    rate=50, baseline_seconds=0.4, duration_seconds=1, settle_seconds=0.5, hold_seconds=0.8, stalls_seconds=()
)
# How late the drill itself is on a busy machine is not what is tested with these.
PATIENT = Limits(max_stall_seconds=60)


def unwatched(_progress: object) -> None:
    """Let a drill go as it goes."""


@dataclass(frozen=True)
class Place:
    """Where drills run.

    Args:
        api: the local ElastiCache.
        local: makes groups in it.
        folder: where records are.
        calls: what the drill that was run last has called, its guard rails included.
    """

    api: Session
    local: Local
    folder: Path
    calls: set[str]

    def run(self, name: str, group_id: str = "cluster", watch: Watch = unwatched, **context: Any) -> Result:
        """Run one drill as the command does, but for its guard rails; all must be put back."""
        self.calls.clear()
        group = inventory.replication_group(self.api, group_id)
        guard.observe(self.api, group, 0)
        one = replace(self.experiment(name, group, context.get("access", Access())), other=context.get("other"))
        with record.opened(record.scope_of(self.api), group_id, one.run_id, self.folder) as kept:
            made = replace(self.context(group, one.run_id, kept), **context)
            result = runner.run(one, DRILLS[name].fault(made), watch)
            assert kept.changes == [], "a drill that went well has put everything back"
        return result

    def assert_permitted(self, name: str, *, without: frozenset[str] = frozenset()) -> None:
        """Check that the drill that was run last called what it says, and nothing else.

        Args:
            name: the drill.
            without: what it calls in another form.
        """
        called = {action for call in self.calls for action in permission.ACTIONS.get(call, (call,))}
        assert called == {*permission.actions(f"drill run {name}")} - without - {permission.STOP_ALARM}

    def experiment(self, name: str, group: ReplicationGroup, access: Access) -> Experiment:
        """Return a drill in its short form."""
        return Experiment(
            drill=name,
            group=group,
            node_group="0001",
            access=access,
            settings=SHORT,
            limits=PATIENT,
            capability=self.api.capability,
        )

    def context(self, group: ReplicationGroup, run_id: str = "run", kept: record.Record | None = None) -> Context:
        """Return what a fault is made for."""
        return Context(
            session=self.api,
            group=group,
            access=Access(),
            timeout_seconds=60,
            run_id=run_id,
            hold_seconds=SHORT.hold_seconds,
            record=kept,
        )

    def shape(self, group_id: str = "cluster") -> list[tuple[str, int]]:
        """Return the node groups of a group with their numbers of nodes."""
        group = inventory.replication_group(self.api, group_id)
        assert group.status == "available"
        return [(each.node_group_id, len(each.members)) for each in group.node_groups]


@contextmanager
def served(folder: Path) -> Generator[Place]:
    """Serve an empty local ElastiCache that loses no time, and lead this process to it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Emulator(folder / "emulator", timing=INSTANT) as emulator,
        recorded() as calls,
    ):
        local = Local(emulator, folder)
        for name in [name for name in os.environ if name.startswith(("AWS_", "ELASTICACHE_KIT_"))]:
            patch.delenv(name)
        for name, value in local.environment.items():
            patch.setenv(name, value)
        yield Place(session.connect(region=REGION), local, folder / "records", calls)


@contextmanager
def recorded() -> Generator[set[str]]:
    """Record what clients call that are made until the block ends; botocore tells of each call before it is made."""
    calls: set[str] = set()

    def record_call(model: Any, **_: Any) -> None:
        calls.add(f"{model.service_model.service_name}:{model.name}")

    listed: Any = handlers.BUILTIN_HANDLERS
    entry = ("before-call", record_call)
    listed.append(entry)
    try:
        yield calls
    finally:
        listed.remove(entry)


def found(result: Result, checker: str, node_group: str = "0001") -> Finding:
    """Return the finding of one checker."""
    return next(f for f in result.findings if (f.checker, f.node_group) == (checker, node_group))
