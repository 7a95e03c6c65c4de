"""The data that a replication group starts with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check
from tests.model.case.replication_group import GROUP, SHARDS
from tests.model.case.replication_group_option import SECONDARY, SEED


def problems(spec: ReplicationGroupSpec) -> list[tuple[str, str]]:
    """Return the rules that a group breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


def test_a_group_without_cluster_mode_is_one_shard() -> None:
    """A snapshot of several shards does not fit it."""
    spec = replace(GROUP, snapshot_name="monday", snapshot_num_node_groups=2)

    assert problems(spec) == [("rg-restore-shards", "num_node_groups")]


def test_a_group_that_says_nothing_takes_the_shards_of_its_snapshot() -> None:
    """And one that describes its shards may have others."""
    silent = replace(SHARDS, num_node_groups=None, snapshot_name="monday", snapshot_num_node_groups=7)
    described = replace(silent, node_group_configuration=(NodeGroupSpec(), NodeGroupSpec()))

    assert problems(silent) == []
    assert problems(described) == []


def test_a_seed_needs_the_slots_of_every_shard() -> None:
    """Without a configuration there are none at all."""
    assert problems(replace(SHARDS, snapshot_arns=SEED)) == [("rg-slots-for-s3-seed", "node_group_configuration")]
    assert problems(replace(GROUP, snapshot_arns=SEED)) == []


@pytest.mark.parametrize(
    "arn", ["backups/a.rdb", "arn:aws:s3:::backups", "arn:aws:s3:::backups/", "s3://backups/a.rdb"]
)
def test_a_seed_is_an_object_in_s3(arn: str) -> None:
    """It is named by its ARN."""
    assert problems(replace(GROUP, snapshot_arns=(*SEED, arn))) == [("rg-snapshot-arns-no-comma", "snapshot_arns[1]")]


def test_every_source_but_the_first_is_one_too_many() -> None:
    """The message names the first."""
    spec = replace(GROUP, snapshot_name="monday", snapshot_arns=SEED, primary_cluster_id="orders-001")
    found = check(spec)

    assert [(violation.rule_id, violation.property) for violation in found] == [
        ("rg-restore-sources", "snapshot_arns"),
        ("rg-restore-sources", "primary_cluster_id"),
    ]
    assert {violation.message for violation in found} == {"the data come from snapshot_name already"}


def test_memcached_is_not_restored_to_valkey() -> None:
    """Its snapshots are of serverless caches."""
    assert problems(replace(GROUP, snapshot_name="monday", snapshot_engine="memcached")) == [
        ("bk-restore-engine", "engine")
    ]
    assert problems(replace(GROUP, snapshot_name="monday", snapshot_engine="redis")) == []


def test_what_is_no_node_type_is_left_to_its_own_rule() -> None:
    """The snapshot knows better."""
    assert problems(replace(GROUP, snapshot_name="monday", snapshot_cache_node_type="large")) == []


def test_a_secondary_is_not_judged_for_what_it_inherits() -> None:
    """Engine, TLS and cluster mode come from the primary."""
    assert problems(replace(SECONDARY, num_cache_clusters=1, user_group_ids=("people",))) == []
    assert ("rg-durability-tls", "transit_encryption_enabled") not in problems(replace(SECONDARY, durability="sync"))
