"""The ElastiCache API on the wire: botocore's model parses requests and writes answers, the actions do the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.elasticache import urls as stock_urls
from moto.elasticache.models import ElastiCacheBackend, elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse

from elasticache_kit.emulator.action import (
    cache_cluster,
    event,
    failover,
    parameter_group,
    replication_group,
    subnet_group,
    unknown_action,
)
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.region import Region

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE

logger = logging.getLogger(__name__)

RULES_HEADER = "x-elasticache-kit-rules"

Action = Callable[[Region, Mapping[str, Any]], dict[str, Any]]

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "CreateCacheParameterGroup": parameter_group.create_cache_parameter_group,
        "CreateCacheSubnetGroup": subnet_group.create_cache_subnet_group,
        "CreateReplicationGroup": replication_group.create_replication_group,
        "DecreaseReplicaCount": replication_group.decrease_replica_count,
        "DeleteCacheParameterGroup": parameter_group.delete_cache_parameter_group,
        "DeleteCacheSubnetGroup": subnet_group.delete_cache_subnet_group,
        "DeleteReplicationGroup": replication_group.delete_replication_group,
        "DescribeCacheClusters": cache_cluster.describe_cache_clusters,
        "DescribeCacheParameterGroups": parameter_group.describe_cache_parameter_groups,
        "DescribeCacheParameters": parameter_group.describe_cache_parameters,
        "DescribeCacheSubnetGroups": subnet_group.describe_cache_subnet_groups,
        "DescribeEngineDefaultParameters": parameter_group.describe_engine_default_parameters,
        "DescribeEvents": event.describe_events,
        "DescribeReplicationGroups": replication_group.describe_replication_groups,
        "IncreaseReplicaCount": replication_group.increase_replica_count,
        "ModifyCacheParameterGroup": parameter_group.modify_cache_parameter_group,
        "ModifyCacheSubnetGroup": subnet_group.modify_cache_subnet_group,
        "ModifyReplicationGroup": replication_group.modify_replication_group,
        "ResetCacheParameterGroup": parameter_group.reset_cache_parameter_group,
        "TestFailover": failover.test_failover,
    }
)


# The operations of stock moto that hold for our resources; its others would answer about caches that nobody runs.
STOCK = frozenset(
    {"AddTagsToResource", "DeleteSnapshot", "DescribeSnapshots", "ListTagsForResource", "RemoveTagsFromResource"}
)


class LocalElastiCacheBackend(ElastiCacheBackend):
    """moto's backend of one account and region, with our state beside its own."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.region = Region(account_id, region_name, self.tagging_service)

    @property
    def _url_module(self) -> Any:
        return stock_urls


class LocalElastiCacheResponse(ElastiCacheResponse):
    """moto's dispatcher: our actions first, then moto's own, then a clear refusal."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer one request."""
        name = self._get_action()
        if name in STOCK:
            return super().call_action()
        if name not in ACTIONS:
            return unknown_action.answer(self)
        backend: Any = elasticache_backends[self.current_account][self.region]
        try:
            result: object = ACTIONS[name](backend.region, self._get_params())
        except ServiceException as fault:
            result = fault
        except Exception as defect:
            # A defect of ours: the log has the traceback, the client an answer that no SDK tries again for a minute.
            logger.exception("%s", name)
            result = Fault("InternalFailure", f"The local emulator failed at {name}: {defect!r}. Its log says where.")
        status, headers, body = self.serialized(ActionResult(result))
        headers, body = self._enrich_response(headers, body)
        if isinstance(result, Fault) and result.rule_ids:
            # AWS's errors have a code and a sentence, and no place for the name of a rule of ours.
            headers[RULES_HEADER] = ", ".join(result.rule_ids)
        return status, headers, body
