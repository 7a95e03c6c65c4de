"""The bench: the clients under test of one run, each in a process of its own beside the instrument."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elasticache_kit.drills import client, subject
from elasticache_kit.drills.history import History
from elasticache_kit.drills.pipe import Child, ChildError
from elasticache_kit.drills.subject import Seen, Told

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Experiment

_LAST_WORDS_SECONDS = 30.0


class Bench:
    """The clients under test of one run.

    Args:
        experiment: names them, and says what load they have.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.seen: list[Seen] = []
        self._experiment = experiment
        self._running: dict[str, Child] = {}

    def start(self, sleep: Callable[[float], None]) -> None:
        """Start all, and give those that connect as long a baseline as the reference."""
        experiment = self._experiment
        for name in experiment.clients:
            order = subject.Order(
                name=name,
                target=client.target(experiment.group, experiment.access),
                keys={g.node_group_id: experiment.keys(g, name) for g in experiment.group.node_groups},
                rate=experiment.settings.rate,
                time_to_live_seconds=experiment.settings.time_to_live_seconds,
            )
            self._running[name] = Child(subject.__name__, order)
        for name in tuple(self._running):
            first = self._running[name].hear(experiment.settings.connect_timeout_seconds)
            if isinstance(first, Told):
                self._put_down(name, first)
        if self._running:
            sleep(experiment.settings.baseline_seconds)

    def tell(self, message: object) -> None:
        """Send all that run a message."""
        for child in tuple(self._running.values()):
            child.tell(message)

    def end(self) -> None:
        """Let those that run end their load, and hear what became of them."""
        self.tell(None)
        for name in tuple(self._running):
            try:
                told = self._running[name].hear(_LAST_WORDS_SECONDS)
            except (ChildError, TimeoutError) as error:
                told = Told(History(), str(error) or "it did not end")
            if isinstance(told, Told):
                self._put_down(name, told)

    def close(self) -> None:
        """End the processes that are left."""
        for child in self._running.values():
            child.end()

    def _put_down(self, name: str, told: Told) -> None:
        known = client.find(name)
        self.seen.append(
            Seen(
                name=name,
                version=known.version,
                settings=known.settings,
                history=told.history,
                failure=told.failure,
                cpu_share=told.cpu_share,
                starved_seconds=told.starved_seconds,
            )
        )
        self._running.pop(name).end()
