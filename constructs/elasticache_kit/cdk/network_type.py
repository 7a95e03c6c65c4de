"""Network types: which of IPv4 and IPv6 a cache speaks, and whether its subnets do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.token import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elasticache_kit.model.rule import Violation

_NEEDS = {
    "dual_stack": ("dual-stack subnets", "give the VPC ip_protocol=IpProtocol.DUAL_STACK, or leave network_type out"),
    "ipv6": ("subnets that speak IPv6 alone", "take such subnets, or network_type='dual_stack'"),
}


def unsupported(network_type: str | None, supported: Sequence[str] | None) -> Iterator[Violation]:
    """Yield a violation where subnets don't allow a network type.

    Args:
        network_type: the network type asked for.
        supported: those that the subnets allow; None where nobody knows.
    """
    if network_type not in _NEEDS or is_token(network_type) or supported is None or network_type in supported:
        return
    needed, remedy = _NEEDS[network_type]
    offer = f"offer {' and '.join(supported)} only" if supported else "are of several kinds"
    yield violation(
        "cdk-network-type-subnets",
        "network_type",
        network_type,
        f"the subnets {offer}, and this network type needs {needed}",
        remedy,
    )
