"""Every rule with one spec that breaks it and one that keeps to it by a hair, by the subject of the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from elasticache_kit.model import (
    auto_scaling,
    cache_cluster,
    global_replication_group,
    parameter,
    replication_group,
    resource,
    serverless_cache,
    serverless_cache_snapshot,
    snapshot,
    subnet_group,
    user,
    user_group,
)
from elasticache_kit.model.rule import Subject, Violation
from tests.model.case import access as access_case
from tests.model.case import auto_scaling as auto_scaling_case
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import global_replication_group as global_replication_group_case
from tests.model.case import parameter_group as parameter_group_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import replication_group_change as replication_group_change_case
from tests.model.case import replication_group_option as replication_group_option_case
from tests.model.case import resource as resource_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import serverless_cache_snapshot as serverless_cache_snapshot_case
from tests.model.case import snapshot as snapshot_case
from tests.model.case import subnet_group as subnet_group_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case

Check = Callable[[Any], tuple[Violation, ...]]
Cases = Mapping[str, tuple[Any, Any]]
"""The spec that breaks a rule and the one that keeps to it; of a change, the old and the new spec of each."""

TABLES: dict[Subject, tuple[Check, Cases]] = {
    "replication_group": (
        replication_group.check,
        {**replication_group_case.CASES, **replication_group_option_case.CASES, **access_case.CASES},
    ),
    "replication_group_change": (
        lambda change: replication_group.check_change(*change),
        replication_group_change_case.CASES,
    ),
    "parameter_group": (parameter.check, parameter_group_case.CASES),
    "subnet_group": (subnet_group.check, subnet_group_case.CASES),
    "serverless_cache": (serverless_cache.check, serverless_cache_case.CASES),
    "serverless_cache_change": (
        lambda change: serverless_cache.check_change(*change),
        serverless_cache_case.CHANGES,
    ),
    "serverless_cache_snapshot": (serverless_cache_snapshot.check, serverless_cache_snapshot_case.CASES),
    "cache_cluster": (cache_cluster.check, cache_cluster_case.CASES),
    "cache_cluster_change": (lambda change: cache_cluster.check_change(*change), cache_cluster_case.CHANGES),
    "global_replication_group": (global_replication_group.check, global_replication_group_case.CASES),
    "global_replication_group_change": (
        lambda change: global_replication_group.check_change(*change),
        global_replication_group_case.CHANGES,
    ),
    "snapshot": (snapshot.check, snapshot_case.CASES),
    "scalable_target": (auto_scaling.check, auto_scaling_case.CASES),
    "user": (user.check, user_case.CASES),
    "user_group": (user_group.check, user_group_case.CASES),
    "resource": (resource.check, resource_case.CASES),
}


def ids(violations: tuple[Violation, ...]) -> set[str]:
    """Return the rules that were broken."""
    return {violation.rule_id for violation in violations}
