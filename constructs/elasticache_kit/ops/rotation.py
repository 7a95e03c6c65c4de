"""Rotation of a password in Secrets Manager: the steps around the cache that takes it.

The secret itself says how far a rotation is, so that one that was interrupted is taken up by whoever comes next: the
new version is AWSPENDING until all is done, and bears two labels of this kit, `elasticache-kit-before-...` and
`elasticache-kit-added-...`, each with the state of the cache at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from elasticache_kit.ops import secret
from elasticache_kit.ops.plan import Act, Say, Seen, State
from elasticache_kit.ops.secret import CURRENT, PENDING, Secret
from elasticache_kit.ops.session import Session

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

# Letters and digits only: legal in a token and in a password, and in a URL without escapes; more than 380 bits.
LENGTH = 64
BEFORE, ADDED = "elasticache-kit-before-", "elasticache-kit-added-"

Mark = Callable[[Session], str]


def mark(found: Secret, prefix: str) -> str | None:
    """Return what the pending version bears of one of this kit's labels; None where it bears none."""
    labels = found.stages.get(found.version(PENDING) or "", ())
    return next((label.removeprefix(prefix) for label in labels if label.startswith(prefix)), None)


def begun(found: Secret) -> bool:
    """Tell whether a rotation of this kit was begun and has not ended."""
    return mark(found, BEFORE) is not None


def refusals(found: Secret) -> Iterator[str]:
    """Yield why a secret cannot be rotated here."""
    if found.deleted:
        yield f"the secret {found.name} is being deleted: restore it, or name another"
    if found.rotated:
        yield (
            f"Secrets Manager rotates the secret {found.name} by itself: ask it to, `aws secretsmanager rotate-secret "
            f"--secret-id {found.name}`"
        )
    foreign = found.version(PENDING) not in {None, found.version(CURRENT)} and not begun(found)
    if foreign and not found.rotated:
        yield (
            f"a version of the secret {found.name} is AWSPENDING, and not of this kit: end that rotation first, or "
            "take the label away"
        )


def generate(name: str, before: Mark) -> Act:
    """Return the step that writes a new password as the pending version.

    Args:
        name: the secret.
        before: tells the state of the cache, which the version bears from then on.
    """

    def act(session: Session, _say: Say, _clock: Clock) -> None:
        secret.put(session, name, secret.generate(session, LENGTH), (PENDING, f"{BEFORE}{before(session)}"))

    done = State("a new one is AWSPENDING", lambda session: Seen(begun(secret.observe(session, name))))
    return Act(f"write a new password to the secret {name} as AWSPENDING", act, done)


def note_added(name: str, state: Mark) -> Act:
    """Return the step that marks the pending version as one that the cache takes.

    Args:
        name: the secret.
        state: tells the state of the cache.
    """

    def act(session: Session, _say: Say, _clock: Clock) -> None:
        found = secret.observe(session, name)
        secret.move(session, found, f"{ADDED}{state(session)}", found.version(PENDING))

    done = State("it is noted", lambda session: Seen(mark(secret.observe(session, name), ADDED) is not None))
    return Act(f"note at the secret {name} that the cache takes both", act, done)


def switch(name: str) -> Act:
    """Return the step that makes the pending version the current one, which clients read from then on."""

    def act(session: Session, _say: Say, _clock: Clock) -> None:
        found = secret.observe(session, name)
        secret.move(session, found, CURRENT, found.version(PENDING))

    return Act(f"make the new password of the secret {name} AWSCURRENT", act, switched(name))


def switched(name: str) -> State:
    """Return the state in which the new password is the current one."""

    def look(session: Session) -> Seen:
        found = secret.observe(session, name)
        return Seen(found.version(CURRENT) == found.version(PENDING))

    return State("it is", look)


def pause(seconds: float) -> tuple[Act, ...]:
    """Return the step that leaves clients the time to read the secret again; none for no time."""

    def act(_session: Session, _say: Say, clock: Clock) -> None:
        clock.sleep(seconds)

    text = f"wait {seconds:g} s, in which clients read the secret again and both passwords work"
    return (Act(text, act),) if seconds else ()


def end(name: str) -> Act:
    """Return the step that takes the labels of the rotation away."""

    def act(session: Session, _say: Say, _clock: Clock) -> None:
        found = secret.observe(session, name)
        version = found.version(PENDING)
        # AWSPENDING last: as long as it is there, a rotation has not ended.
        for label in sorted(found.stages.get(version or "", ()), key=lambda item: item == PENDING):
            if label == PENDING or label.startswith((BEFORE, ADDED)):
                secret.move(session, found, label, None)

    done = State("they are gone", lambda session: Seen(secret.observe(session, name).version(PENDING) is None))
    return Act(f"take the labels of the rotation from the secret {name}", act, done)
