"""Sessions: who has signed in at one instance of an application is known at the other, also after a failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.sessions import story
from examples.sessions.balancer import Balancer
from examples.sessions.instance import instances, task_of
from examples.sessions.visitor import Client, VisitError
from tour.promise import BrokenError
from tour.stack import SHOP

if TYPE_CHECKING:
    from tour.place import Place


def check(place: Place) -> str:
    """Run two instances of examples/sessions with what was deployed, and do what its visitor does."""
    launch, group = task_of(SHOP, place.directory), place.output(SHOP, "ReplicationGroupId")
    with instances(("one", "two"), launch, place.directory) as ports, Balancer(ports) as balancer:
        visitor = Client(balancer.url)
        try:
            steps = [*story.log_in(visitor)]
            steps += story.through_failover(visitor, lambda: _fail_over(place, group))
        except VisitError as error:
            raise BrokenError(str(error)) from error
    return f"{steps[2].text}; {steps[3].text}"


def _fail_over(place: Place, group: str) -> None:
    place.run("failover", group, "--apply")
