"""Subnet groups: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.subnet_group import SubnetGroupSpec

SUBNETS = SubnetGroupSpec(cache_subnet_group_name="private", description="Private", subnet_ids=("subnet-1",))

CASES: dict[str, tuple[SubnetGroupSpec, SubnetGroupSpec]] = {
    "sg-name": (
        replace(SUBNETS, cache_subnet_group_name="private_a"),
        replace(SUBNETS, cache_subnet_group_name="private-a"),
    ),
    "sg-description-required": (replace(SUBNETS, description=None), SUBNETS),
    "sg-subnets-required": (replace(SUBNETS, subnet_ids=()), SUBNETS),
    "sg-subnets-quota": (
        replace(SUBNETS, subnet_ids=("subnet-1",) * 21),
        replace(SUBNETS, subnet_ids=("subnet-1",) * 20),
    ),
}
