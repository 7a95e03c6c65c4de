"""What the moto backends of this process share: how time passes, and the fleet of engines, if there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator.clock import Clock
from elasticache_kit.emulator.interference import Interference
from elasticache_kit.emulator.lifecycle import INSTANT, Lifecycle

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.metric.sampler import Sampler
    from elasticache_kit.emulator.outage.outages import Outages


@dataclass(slots=True)
class Runtime:
    """One running emulator.

    Args:
        lifecycle: how long things take and where they run. When omitted everything is done before the API answers.
        fleet: the engine processes. When omitted the control plane runs alone and endpoints lead nowhere.
        names: whether endpoints are names, which a name server knows; addresses when omitted.
        clock: what windows, retention and events go by. When omitted the time of this machine.
        endpoint_url: where the API answers. When omitted moto answers inside this process.
        sampler: what CloudWatch is told of the engines. When omitted nothing.
        interference: what keeps the control plane from doing what it is asked for. Nothing when omitted.
        outages: begins and ends faults. None where moto answers inside this process.
    """

    lifecycle: Lifecycle = field(default_factory=lambda: Lifecycle(INSTANT, background=False))
    fleet: Fleet | None = None
    names: bool = False
    clock: Clock = field(default_factory=Clock)
    endpoint_url: str | None = None
    sampler: Sampler | None = None
    interference: Interference = field(default_factory=Interference)
    outages: Outages | None = None


_current = Runtime()


def current() -> Runtime:
    """Return the runtime of this process: moto makes its backends itself, so they find it here."""
    return _current


def use(runtime: Runtime) -> Runtime:
    """Make a runtime the current one and return the one before."""
    global _current
    before, _current = _current, runtime
    return before
