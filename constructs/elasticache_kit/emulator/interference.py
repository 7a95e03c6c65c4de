"""What keeps the control plane from doing what it is asked for, while an outage of the service goes on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fault import Fault

if TYPE_CHECKING:
    from elasticache_kit.emulator.lifecycle import Lifecycle

# The codes of ElastiCache and of the EC2-like front before it; SDKs wait and try again at both.
THROTTLED = ("Throttling", "RequestLimitExceeded")
# AWS may block TestFailover "in certain conditions such as large-scale operational events":
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
BLOCKED = ("TestFailoverNotAvailableFault", "InvalidReplicationGroupState")
LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Throttle:
    """Refuses a share of calls.

    Args:
        region: where.
        operations: which.
        rate: the share, exactly: at 0.25 every fourth call.
        code: the error.
    """

    region: str
    operations: frozenset[str]
    rate: float
    code: str
    _owed: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuses(self, region: str, operation: str) -> bool:
        """Say whether this call is one of those."""
        if region != self.region or operation not in self.operations:
            return False
        with self._lock:
            self._owed += self.rate
            # Not quite 1: a tenth added ten times is a little less.
            refused = self._owed > 1 - 1e-9
            self._owed -= refused
        return refused


@dataclass(slots=True)
class Interference:
    """All that is in the way now.

    Args:
        throttles: by a mark of their own.
        blocked: the errors of TestFailover by group.
        stalled: groups in which no lost node is replaced.
    """

    throttles: dict[str, Throttle] = field(default_factory=dict[str, Throttle])
    blocked: dict[str, str] = field(default_factory=dict[str, str])
    stalled: set[str] = field(default_factory=set[str])

    def judge(self, region: str, operation: str) -> None:
        """Let a call pass.

        Raises:
            Fault: it is throttled.
        """
        for throttle in tuple(self.throttles.values()):
            if throttle.refuses(region, operation):
                raise Fault(throttle.code, "Rate exceeded")

    def judge_failover(self, key: str) -> None:
        """Let a TestFailover pass.

        Raises:
            Fault: it is blocked.
        """
        if (code := self.blocked.get(key)) is not None:
            raise Fault(code, "TestFailover is not available at this time.")

    def await_recovery(self, key: str, lifecycle: Lifecycle) -> None:
        """Return when a lost node of a group may be replaced.

        Raises:
            StoppedError: the emulator stops meanwhile.
        """
        while key in self.stalled:
            lifecycle.pause(LOOK_SECONDS)
