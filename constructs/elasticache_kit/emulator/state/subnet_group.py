"""Cache subnet groups."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet of a subnet group."""

    subnet_id: str
    availability_zone: str


@dataclass(slots=True)
class SubnetGroup:
    """A cache subnet group."""

    name: str
    arn: str
    description: str
    vpc_id: str
    subnets: tuple[Subnet, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """The Availability Zones that the subnets lie in, each once."""
        return tuple(dict.fromkeys(subnet.availability_zone for subnet in self.subnets))
