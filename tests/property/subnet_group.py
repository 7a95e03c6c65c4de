"""Subnet groups that ElastiCache takes, by construction."""

from __future__ import annotations

from hypothesis import strategies as st

from elasticache_kit.model.subnet_group import SubnetGroupSpec
from tests.property.replication_group import NAMES, TEXTS


def good() -> st.SearchStrategy[SubnetGroupSpec]:
    """Return subnet groups of one to twenty subnets."""
    return st.builds(
        SubnetGroupSpec,
        cache_subnet_group_name=NAMES,
        description=TEXTS,
        subnet_ids=st.integers(1, 20).map(lambda number: tuple(f"subnet-{index}" for index in range(number))),
    )
