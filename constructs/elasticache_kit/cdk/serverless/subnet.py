"""The subnets of a serverless cache: two or three, each in a zone of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import at_synth
from elasticache_kit.cdk.subnet_group import known_network_types, known_zones, select_subnets
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

_MOST = 3


@dataclass(frozen=True, slots=True)
class Subnets:
    """Subnets and the zone of each.

    Args:
        subnet_ids: their ids.
        zones: the zone of each, by token in a stack without a fixed Region; None before the CDK looked them up.
        network_types: the network types that they allow; None where nobody knows.
    """

    subnet_ids: tuple[str, ...]
    zones: tuple[str, ...] | None
    network_types: tuple[str, ...] | None

    def spec_ids(self) -> tuple[str | Unknown, ...] | Unknown:
        """Describe the ids to the rulebook: of subnets that are made here only their number is known."""
        return UNKNOWN if self.zones is None else tuple(at_synth(subnet_id) for subnet_id in self.subnet_ids)

    def spec_zones(self) -> tuple[str, ...] | Unknown:
        """Describe the zones to the rulebook, which compares names."""
        return UNKNOWN if self.zones is None else at_synth(self.zones)


def choose(path: str, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None) -> Subnets:
    """Choose the first subnet of each of the first three zones; subnets that are listed one by one are all taken.

    Raises:
        ValidationError: nothing was asked for and the VPC has only public subnets.
    """
    selected = select_subnets(path, vpc, vpc_subnets)
    zones, types = known_zones(selected), known_network_types(selected)
    subnet_ids = tuple(selected.subnet_ids)
    if zones is None or len(zones) != len(subnet_ids) or (vpc_subnets is not None and vpc_subnets.subnets):
        return Subnets(subnet_ids, zones, types)
    first = dict(zip(reversed(zones), reversed(subnet_ids), strict=True))
    chosen = list(dict.fromkeys(zones))[:_MOST]
    return Subnets(tuple(first[zone] for zone in chosen), tuple(chosen), types)
