"""Endpoint: where a client connects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Token

from elasticache_kit.cdk.argument import refuse_types

if TYPE_CHECKING:
    import jsii


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port, both of them usable in other resources and stacks.

    Args:
        address: the host name.
        port: the port, a number token where the replication group is made by this app.
    """

    address: str
    port: jsii.Number

    def __post_init__(self) -> None:
        refuse_types("Endpoint", {"address": self.address, "port": self.port}, {"address": str, "port": int})

    @property
    def socket_address(self) -> str:
        """The address and the port in one text, `address:port`."""
        return f"{self.address}:{self.port_text}"

    @property
    def port_text(self) -> str:
        """The port as text, for example for an environment variable."""
        return Token.as_string(self.port) if Token.is_unresolved(self.port) else str(self.port)


def attribute_endpoint(address: str, port: str) -> Endpoint:
    """Make an endpoint of two attributes of a resource; CloudFormation has the port as text."""
    return Endpoint(address, Token.as_number(port))
