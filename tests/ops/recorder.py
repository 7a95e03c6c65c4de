"""What clients of this process call, and which IAM actions that takes."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

from botocore import handlers

from elasticache_kit.model import permission
from tests.ops.authorization import Made


class Recorder:
    """Records what every client of this process calls."""

    def __init__(self) -> None:
        self.made: list[Made] = []

    @property
    def calls(self) -> set[str]:
        """What was called, each once."""
        return {call.name for call in self.made}

    def record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Note a call; botocore tells of each before it is made."""
        self.made.append(Made(f"{model.service_model.service_name}:{model.name}", dict(params)))


@contextmanager
def recording() -> Generator[Recorder]:
    """Record what clients call that are made until the block ends."""
    made = Recorder()
    entry = ("before-parameter-build", made.record)
    listed: Any = handlers.BUILTIN_HANDLERS
    listed.append(entry)
    try:
        yield made
    finally:
        listed.remove(entry)


def needed(calls: Iterable[str]) -> set[str]:
    """Return the IAM actions of calls."""
    return {action for call in calls for action in permission.ACTIONS.get(call, (call,))}
