"""What the example shows: signed in at one instance, known at the other, also after the cache has failed over."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass

from examples.sessions.visitor import Seen, VisitError, Visitor

USER, PASSWORD = "ada", "analytical engine"
# Enough for whoever answers to take turns several times.
LOOKS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was seen to be so."""

    text: str


def log_in(visitor: Visitor) -> Generator[Step]:
    """Sign in, fill the basket, and look at every instance.

    Raises:
        VisitError: something was not as it should be.
    """
    visitor.look()
    before = visitor.look()
    _require(not before.user, "somebody is signed in who has not signed in", before)
    after = visitor.log_in(USER, PASSWORD)
    _require(after.user == USER, "the login did not work", after)
    _require(after.session != before.session, "the session has the id from before the login", after)
    yield Step(f"{USER} signs in, and the session gets another id: ...{before.session} is now ...{after.session}")
    visitor.take("tea")
    # One page more between the two, so that they are not for the same instance.
    visitor.look()
    taken = visitor.take("cake")
    _require(taken.basket == "tea=1,cake=1", "the basket is not what was put into it", taken)
    yield Step(f"tea goes into the basket at one instance, cake at the other, and the basket has both: {taken.basket}")
    yield from known(visitor)


def known(visitor: Visitor) -> Generator[Step]:
    """Look until every instance has answered, each of which must know the visitor and the basket.

    Raises:
        VisitError: one does not, or only one answers.
    """
    answered = Counter[str]()
    for _ in range(LOOKS):
        seen = visitor.look()
        _require(seen.user == USER, f"instance {seen.instance or '?'} does not know {USER}", seen)
        _require(seen.basket == "tea=1,cake=1", f"instance {seen.instance} has another basket", seen)
        answered[seen.instance] += 1
    if len(answered) == 1:
        raise VisitError("only one instance answered")
    yield Step(f"known on each: {', '.join(f'{name} ({count} pages)' for name, count in sorted(answered.items()))}")


def through_failover(visitor: Visitor, fail_over: Callable[[], None]) -> Generator[Step]:
    """Go on looking while the cache fails over: a page may be late, and never says that nobody is signed in.

    Args:
        visitor: somebody who is signed in.
        fail_over: fails the cache over, and returns when its lost node is replaced.

    Raises:
        VisitError: somebody was taken for signed out.
    """
    error: list[BaseException] = []

    def work() -> None:
        try:
            fail_over()
        except BaseException as caught:  # noqa: BLE001 - raised again below, in the thread that waits
            error.append(caught)

    thread = threading.Thread(target=work)
    thread.start()
    pages = late = 0
    try:
        while thread.is_alive():
            seen = visitor.look()
            _require(seen.user == USER or not seen.instance, f"{USER} was taken for signed out", seen)
            pages, late = pages + 1, late + (not seen.instance)
    finally:
        thread.join()
    if error:
        raise error[0]
    yield Step(f"the primary fails meanwhile: {pages} pages, {late} of them `try again`, nobody signed out")
    yield from known(visitor)


def _require(holds: bool, otherwise: str, seen: Seen) -> None:
    if not holds:
        raise VisitError(f"{otherwise}: user {seen.user!r}, basket {seen.basket!r}, instance {seen.instance!r}")
