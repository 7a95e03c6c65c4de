"""ServerlessMetrics: the metrics of a serverless cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration  # noqa: TC002 - `typed` reads the annotations

from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.metric import CacheMetric, CacheMetrics, NamedMetric
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import metric as facts
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.metric import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.cdk.serverless.reference import IServerlessCache

_ENGINES = {Scope.SERVERLESS: "Valkey and Redis OSS", Scope.SERVERLESS_MEMCACHED: "Memcached"}


class ServerlessMetrics(CacheMetrics):
    """The metrics of a serverless cache, which CloudWatch has under the dimension `clusterId`.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html

    Args:
        cache: the serverless cache, made in this app or imported.
    """

    def __init__(self, cache: IServerlessCache) -> None:
        super().__init__(cache)
        self._serverless = cache

    @property
    def scope(self) -> Scope:
        """A serverless cache, with what its engine has; of an import without an engine that of Valkey."""
        return Scope.SERVERLESS_MEMCACHED if self._serverless.spec.engine == Engine.MEMCACHED else Scope.SERVERLESS

    @property
    def dimensions(self) -> tuple[Mapping[str, str], ...]:
        """The name of the cache."""
        return ({"clusterId": self._serverless.serverless_cache_name},)

    @property
    def known(self) -> Mapping[str, facts.Metric]:
        """The metrics that there are; of an import without an engine those of every engine."""
        scopes = _ENGINES if self._serverless.spec.engine is None else (self.scope,)
        return {fact.name: fact for scope in scopes for fact in facts.metrics(scope)}

    @typed
    def metric(
        self,
        name: str,
        *,
        statistic: str | None = None,
        period: Duration | None = None,
        label: str | None = None,
    ) -> CacheMetric:
        """Return a metric by the name that CloudWatch has for it; see CacheMetrics.metric.

        Raises:
            ValidationError: there is no such metric, or only the other engine has it.
        """
        (other,) = set(_ENGINES) - {self.scope}
        if self._serverless.spec.engine is not None and _has(other, name) and not _has(self.scope, name):
            raise ValidationError(
                f"{self._serverless.node.path}: {name} is a metric of {_ENGINES[other]}, "
                f"and the engine of this cache is {self._serverless.spec.engine}"
            )
        return super().metric(name, statistic=statistic, period=period, label=label)

    bytes_used_for_cache = NamedMetric("BytesUsedForCache")
    elasticache_processing_units = NamedMetric("ElastiCacheProcessingUnits")
    successful_read_request_latency = NamedMetric("SuccessfulReadRequestLatency")
    successful_write_request_latency = NamedMetric("SuccessfulWriteRequestLatency")
    total_cmds_count = NamedMetric("TotalCmdsCount")
    cache_hit_rate = NamedMetric("CacheHitRate")
    cache_hits = NamedMetric("CacheHits")
    cache_misses = NamedMetric("CacheMisses")
    curr_connections = NamedMetric("CurrConnections")
    throttled_cmds = NamedMetric("ThrottledCmds")
    new_connections = NamedMetric("NewConnections")
    curr_items = NamedMetric("CurrItems")
    curr_volatile_items = NamedMetric("CurrVolatileItems")
    network_bytes_in = NamedMetric("NetworkBytesIn")
    network_bytes_out = NamedMetric("NetworkBytesOut")
    evictions = NamedMetric("Evictions")
    iam_authentication_expirations = NamedMetric("IamAuthenticationExpirations")
    iam_authentication_throttling = NamedMetric("IamAuthenticationThrottling")
    key_authorization_failures = NamedMetric("KeyAuthorizationFailures")
    authentication_failures = NamedMetric("AuthenticationFailures")
    command_authorization_failures = NamedMetric("CommandAuthorizationFailures")
    eval_based_cmds = NamedMetric("EvalBasedCmds")
    eval_based_cmds_ecpus = NamedMetric("EvalBasedCmdsECPUs")
    geospatial_based_cmds = NamedMetric("GeoSpatialBasedCmds")
    geospatial_based_cmds_ecpus = NamedMetric("GeoSpatialBasedCmdsECPUs")
    get_type_cmds = NamedMetric("GetTypeCmds")
    get_type_cmds_ecpus = NamedMetric("GetTypeCmdsECPUs")
    hash_based_cmds = NamedMetric("HashBasedCmds")
    hash_based_cmds_ecpus = NamedMetric("HashBasedCmdsECPUs")
    hyperloglog_based_cmds = NamedMetric("HyperLogLogBasedCmds")
    hyperloglog_based_cmds_ecpus = NamedMetric("HyperLogLogBasedCmdsECPUs")
    json_based_cmds = NamedMetric("JsonBasedCmds")
    json_based_cmds_ecpus = NamedMetric("JsonBasedCmdsECPUs")
    json_based_get_cmds = NamedMetric("JsonBasedGetCmds")
    json_based_get_cmds_ecpus = NamedMetric("JsonBasedGetCmdsECPUs")
    json_based_set_cmds = NamedMetric("JsonBasedSetCmds")
    json_based_set_cmds_ecpus = NamedMetric("JsonBasedSetCmdsECPUs")
    key_based_cmds = NamedMetric("KeyBasedCmds")
    key_based_cmds_ecpus = NamedMetric("KeyBasedCmdsECPUs")
    list_based_cmds = NamedMetric("ListBasedCmds")
    list_based_cmds_ecpus = NamedMetric("ListBasedCmdsECPUs")
    non_key_type_cmds = NamedMetric("NonKeyTypeCmds")
    non_key_type_cmds_ecpus = NamedMetric("NonKeyTypeCmdsECPUs")
    pubsub_based_cmds = NamedMetric("PubSubBasedCmds")
    pubsub_based_cmds_ecpus = NamedMetric("PubSubBasedCmdsECPUs")
    set_based_cmds = NamedMetric("SetBasedCmds")
    set_based_cmds_ecpus = NamedMetric("SetBasedCmdsECPUs")
    set_type_cmds = NamedMetric("SetTypeCmds")
    set_type_cmds_ecpus = NamedMetric("SetTypeCmdsECPUs")
    sorted_set_based_cmds = NamedMetric("SortedSetBasedCmds")
    sorted_set_based_cmds_ecpus = NamedMetric("SortedSetBasedCmdsECPUs")
    string_based_cmds = NamedMetric("StringBasedCmds")
    string_based_cmds_ecpus = NamedMetric("StringBasedCmdsECPUs")
    stream_based_cmds = NamedMetric("StreamBasedCmds")
    stream_based_cmds_ecpus = NamedMetric("StreamBasedCmdsECPUs")
    reclaimed = NamedMetric("Reclaimed")
    cmd_get = NamedMetric("CmdGet")
    cmd_set = NamedMetric("CmdSet")
    cmd_touch = NamedMetric("CmdTouch")
    get_hits = NamedMetric("GetHits")
    get_misses = NamedMetric("GetMisses")
    incr_hits = NamedMetric("IncrHits")
    incr_misses = NamedMetric("IncrMisses")
    decr_hits = NamedMetric("DecrHits")
    decr_misses = NamedMetric("DecrMisses")
    delete_hits = NamedMetric("DeleteHits")
    delete_misses = NamedMetric("DeleteMisses")
    touch_hits = NamedMetric("TouchHits")
    touch_misses = NamedMetric("TouchMisses")
    cas_hits = NamedMetric("CasHits")
    cas_misses = NamedMetric("CasMisses")
    cas_badval = NamedMetric("CasBadval")
    cmd_flush = NamedMetric("CmdFlush")


def _has(scope: Scope, name: str) -> bool:
    return any(fact.name == name for fact in facts.metrics(scope))
