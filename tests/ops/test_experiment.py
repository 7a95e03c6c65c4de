"""Which experiment templates of AWS FIS are for a drill."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.errors import NotFoundError
from elasticache_kit.ops import inventory, session
from elasticache_kit.ops.experiment import ACTION, Template, read, refusals
from tests.ops.completed import completed, make_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session

TAGS = {"drill": "orders", "team": "shop"}


@pytest.fixture(scope="module")
def account() -> Iterator[Session]:
    """An account inside this process with the group `orders`."""
    with completed() as world:
        world.empty()
        made = world.session()
        make_group(made)
        yield made


@pytest.fixture(scope="module")
def group(account: Session) -> ReplicationGroup:
    """The group as it is observed."""
    return inventory.replication_group(account, "orders")


def template(group: ReplicationGroup) -> Template:
    """Return one that is right."""
    zone = group.members[0].availability_zone
    return Template("EXT1", (ACTION, "aws:fis:wait"), zone, "PT10M", (), {"drill": "orders"}, ("busy",))


def reasons(one: Template, group: ReplicationGroup, *, watched: bool = False) -> str:
    """Return why it is refused."""
    return "\n".join(refusals(one, group, TAGS, watched=watched))


def test_one_that_is_right(group: ReplicationGroup) -> None:
    """By tags that the group has, or by its ARN."""
    by_arn = replace(template(group), tags={}, arns=(group.arn,))

    assert reasons(template(group), group) == ""
    assert reasons(by_arn, group) == ""


def test_one_without_the_action(group: ReplicationGroup) -> None:
    """Nothing else is said of it."""
    told = reasons(replace(template(group), actions=("aws:ec2:stop-instances",), zone=None), group)

    assert told == f"the experiment template EXT1 has no action {ACTION}: it has aws:ec2:stop-instances"


def test_one_that_does_more(group: ReplicationGroup) -> None:
    """A drill breaks a cache and no instance beside it."""
    told = reasons(replace(template(group), actions=(ACTION, "aws:ec2:stop-instances")), group)

    assert "does more than interrupt a cache: aws:ec2:stop-instances" in told


@pytest.mark.parametrize("tags", [{}, {"drill": "carts"}, {"drill": "orders", "team": "books"}])
def test_one_about_another_group(group: ReplicationGroup, tags: dict[str, str]) -> None:
    """All of its tags are those of the group."""
    assert "is not about orders: its targets are" in reasons(replace(template(group), tags=tags), group)


def test_one_of_a_zone_without_a_node(group: ReplicationGroup) -> None:
    """It would break nothing."""
    assert "is about the zone us-east-1f, and nodes of the group are in" in reasons(
        replace(template(group), zone="us-east-1f"), group
    )


def test_one_that_nothing_stops(group: ReplicationGroup) -> None:
    """The drill's own stop condition will do."""
    unstopped = replace(template(group), stop_alarms=())

    assert "has no stop condition, and neither has the drill" in reasons(unstopped, group)
    assert reasons(unstopped, group, watched=True) == ""


def test_one_that_is_not_there(account: Session) -> None:
    """With how to see those that are."""
    with pytest.raises(NotFoundError, match="AWS FIS has no experiment template 'EXT404' in us-east-1"):
        read(account, "EXT404")


@pytest.mark.aws
def test_one_of_a_real_account() -> None:
    """ELASTICACHE_KIT_DRILL_GROUP and ELASTICACHE_KIT_FIS_TEMPLATE name a group, and a template that is about it."""
    names = [os.environ.get(f"ELASTICACHE_KIT_{name}") for name in ("DRILL_GROUP", "FIS_TEMPLATE")]
    if not all(names):
        pytest.skip("set ELASTICACHE_KIT_DRILL_GROUP and ELASTICACHE_KIT_FIS_TEMPLATE")
    api = session.connect()
    group = inventory.replication_group(api, str(names[0]))
    one = read(api, str(names[1]))

    assert one.duration
    assert ACTION in one.actions
    assert one.zone in {member.availability_zone for member in group.members}
