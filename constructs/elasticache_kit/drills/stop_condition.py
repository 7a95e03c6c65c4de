"""Stop conditions: what ends a drill before its time, because it hurts more than was agreed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.errors import ElastiCacheKitError
from elasticache_kit.ops.session import reaching

if TYPE_CHECKING:
    from elasticache_kit.drills.progress import Progress
    from elasticache_kit.ops.session import Session

# CloudWatch evaluates an alarm every ten seconds at most.
_ALARM_INTERVAL_SECONDS = 5.0


@dataclass(slots=True)
class StopCondition:
    """Looks at how a drill goes, and says why it must end.

    Args:
        outage_seconds: for how long no write of a node group may be acknowledged; not limited when omitted.
        alarms: CloudWatch alarms that must not be in alarm; none when omitted.
        session: where the alarms are.
        interval_seconds: how often they are asked for; every 5 seconds when omitted.
    """

    outage_seconds: float | None = None
    alarms: tuple[str, ...] = ()
    session: Session | None = None
    interval_seconds: float = _ALARM_INTERVAL_SECONDS
    _moved: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    _asked: float | None = None

    def breached(self, progress: Progress) -> str | None:
        """Return why the drill must end; None while it may go on."""
        return self._outage(progress) or self._alarm(progress.elapsed_seconds)

    def _outage(self, progress: Progress) -> str | None:
        for group in progress.node_groups:
            count, since = self._moved.get(group.node_group, (-1, progress.elapsed_seconds))
            if group.writes != count:
                self._moved[group.node_group] = (group.writes, progress.elapsed_seconds)
            elif self.outage_seconds is not None and progress.elapsed_seconds - since > self.outage_seconds:
                return (
                    f"no write of node group {group.node_group} was acknowledged for "
                    f"{spoken(progress.elapsed_seconds - since)}, and {spoken(self.outage_seconds)} were agreed"
                )
        return None

    def _alarm(self, now: float) -> str | None:
        if not self.alarms or self.session is None or (self._asked or -60.0) > now - self.interval_seconds:
            return None
        self._asked = now
        # An alarm that cannot be asked for is not in alarm; `require` has seen it before.
        with suppress(ElastiCacheKitError):
            ringing = [name for name, state in self._states(self.session).items() if state == "ALARM"]
            return f"the alarm {ringing[0]} is in alarm" if ringing else None
        return None

    def reasons(self) -> tuple[str, ...]:
        """Return why a drill may not begin: alarms that do not exist, or are in alarm already."""
        if not self.alarms or self.session is None:
            return ()
        states = self._states(self.session)
        missing = (f"there is no alarm {name!r} in {self.session.where}" for name in self.alarms if name not in states)
        ringing = (f"the alarm {name} is in alarm already" for name, state in states.items() if state == "ALARM")
        return (*missing, *ringing)

    def _states(self, session: Session) -> dict[str, str]:
        with reaching():
            told = session.reading("cloudwatch").describe_alarms(AlarmNames=list(self.alarms))
        found = [*told.get("MetricAlarms", []), *told.get("CompositeAlarms", [])]
        return {str(item["AlarmName"]): str(item.get("StateValue", "")) for item in found}
