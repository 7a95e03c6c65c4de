"""The drill of a rotation: a password is replaced under load, while clients sign in at every moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.drills import credential
from elasticache_kit.drills.fault import log_notice
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.sign_in import INTERVAL_SECONDS, READ_AGAIN_SECONDS, SignIns
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import execution, plan, secret

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.history import History
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

# Whoever read the secret just before it changed must be in before the old password ends.
LEAST_HOLD_SECONDS = 2 * READ_AGAIN_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Replaces the password that the load signs in with.

    Args:
        session: where.
        group: the group as it was observed.
        record: where the rotation is written down; None for a drill that is only shown.
        access: how the load gets in; it has the new password afterwards.
        secret: the secret that holds it.
        hold_seconds: how long both work after the secret has the new one.
        timeout_seconds: how long to wait for each change.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    access: Access
    secret: str
    hold_seconds: float
    timeout_seconds: float

    def __post_init__(self) -> None:
        """Refuse what cannot work before anything is changed.

        Raises:
            RefusedError: there is too little time for clients to read the secret again, or nothing to rotate.
        """
        if self.hold_seconds < LEAST_HOLD_SECONDS:
            reason = (
                f"--hold {self.hold_seconds:g} is too short: clients read the secret every {READ_AGAIN_SECONDS:g} s, "
                f"and need at least {LEAST_HOLD_SECONDS:g} s before the old password ends"
            )
            raise RefusedError(f"a drill on {self.group.replication_group_id}", [reason])
        self._plan()

    @property
    def promotes(self) -> bool:
        """Nothing is promoted."""
        return False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Every node takes another password."""
        del node_group
        return tuple(group.node_group_id for group in self.group.node_groups)

    def show(self) -> str:
        """Return what it does, for people."""
        return (
            f"{plan.show(self._plan())}\nwhile a client signs in at every node {1 / INTERVAL_SECONDS:g} times a second"
        )

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Rotate, and try the old password at the end."""
        old = self.access.password
        change = Change("rotation", {"secret": self.secret, "username": self.access.username or ""})
        if self.record is not None:
            self.record.note(change)
        read = partial(secret.password, self.session, self.secret)
        sign_ins = SignIns(self.group, self.access, read, history)
        with sign_ins.going_on():
            execution.run(self._plan(), self.session, lambda notice: log_notice(history, node_group, notice), clock)
            clock.sleep(LEAST_HOLD_SECONDS)
        if old is not None:
            sign_ins.once(old)
        if self.record is not None:
            self.record.forget(change)

    def _plan(self) -> Plan:
        return credential.plan(
            self.session,
            self.group,
            self.secret,
            self.access.username,
            pause_seconds=self.hold_seconds,
            timeout_seconds=self.timeout_seconds,
        )
