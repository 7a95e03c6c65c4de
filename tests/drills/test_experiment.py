"""What a drill needs before it may begin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.drills.access import Access, tls_context, unreachable
from elasticache_kit.drills.experiment import Experiment, Settings
from elasticache_kit.errors import ConnectionFailedError, RefusedError
from tests.drills.forged import replication_group

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup


WORD = "open sesame"


def experiment(group: ReplicationGroup | None = None, access: Access | None = None, rate: float = 200) -> Experiment:
    """Return a drill on a group."""
    return Experiment(
        drill="none",
        group=group or replication_group(),
        node_group="0001",
        access=access or Access(),
        settings=Settings(rate=rate),
        run_id="4f2a",
    )


def refusal(asked: Experiment) -> tuple[str, ...]:
    """Return the reasons for which a drill is refused."""
    with pytest.raises(RefusedError) as caught:
        asked.require_endpoints()
    return caught.value.reasons


def test_a_group_with_endpoints_is_not_refused() -> None:
    """The control for the refusals below."""
    experiment().require_endpoints()


def test_a_group_without_endpoints_is_refused() -> None:
    """With cluster mode disabled each node group needs one, with it enabled the group does."""
    group = replication_group()
    bare = replace(group, node_groups=(replace(group.node_groups[0], primary_endpoint=None),))

    assert refusal(experiment(bare)) == ("node group 0001 has no primary endpoint yet: wait for it",)
    assert refusal(experiment(replace(group, cluster_enabled=True))) == (
        "the group has no configuration endpoint yet: wait for it",
    )


def test_a_node_group_that_does_not_exist_is_refused() -> None:
    """With those that do; a group that is being created has none."""
    asked = replace(experiment(), node_group="0009")

    assert refusal(asked) == ("there is no node group '0009': it has 0001",)
    assert refusal(replace(asked, group=replace(asked.group, node_groups=()))) == (
        "the group has no node group yet: wait for it",
    )


def test_a_group_that_wants_a_token_is_refused_without_one() -> None:
    """And says where to put it."""
    group = replace(replication_group(), auth_token_enabled=True)

    (reason,) = refusal(experiment(group))
    assert "ELASTICACHE_KIT_PASSWORD" in reason
    experiment(group, Access(password=WORD)).require_endpoints()


def test_more_load_than_can_be_timed_is_refused() -> None:
    """The load counts over all node groups, reads and writes."""
    group = replication_group("0001", "0002", "0003")

    (reason,) = refusal(experiment(group, rate=2000))
    assert reason.startswith("12,000 operations a second are more than one process can time honestly (10,000)")
    experiment(group, rate=1500).require_endpoints()


def test_what_will_be_done_is_shown() -> None:
    """Load, keys, and when they go."""
    assert experiment().show() == (
        "load on orders: 200 writes and as many reads a second in 1 node group, for at least 12 s; "
        "keys under elasticache-kit:drill:4f2a: are removed afterwards, and expire in 5412 s in any case"
    )


def test_a_password_is_not_in_the_repr() -> None:
    """Nor in any text that is made of it."""
    assert WORD not in repr(experiment(access=Access(username="app", password=WORD)))


def test_a_ca_file_that_is_not_there_is_said() -> None:
    """With the variable that names it."""
    with pytest.raises(
        ConnectionFailedError, match=r"^the CA file '/nowhere/ca\.pem' does not exist: check ELASTICACHE"
    ):
        tls_context("/nowhere/ca.pem")


def test_a_ca_file_without_a_certificate_is_said() -> None:
    """Not as a traceback of the TLS library."""
    with pytest.raises(ConnectionFailedError, match="holds no certificate that can be used"):
        tls_context(__file__)


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        ("certificate (10.0.0.1:6379: verify failed)", "Check ELASTICACHE_KIT_CA_FILE; unset it for AWS"),
        ("WRONGPASS (invalid username-password pair)", "Check ELASTICACHE_KIT_USER and ELASTICACHE_KIT_PASSWORD"),
        (
            "ERR (AUTH <password> called without any password configured)",
            "It asks for none: unset ELASTICACHE_KIT_PASS",
        ),
        ("name not found (master.orders.eu-west-1.cache.invalid:6379: not known)", "No engine is behind it: start"),
        ("refused (master.tls.NOAUTH.example.com:6379)", "Check the security group"),
    ],
)
def test_a_group_that_cannot_be_reached_is_told_with_what_to_do(why: str, remedy: str) -> None:
    """Which is another thing for each reason."""
    assert str(unreachable("orders", why)).startswith(f"orders cannot be reached from here: {why}. {remedy}")
