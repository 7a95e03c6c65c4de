"""The usage limits of a serverless cache: what it keeps ready, and what it never goes beyond."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.argument import at_synth
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, UsageLimitSpec

_UNIT = "GB"


@dataclass(frozen=True, slots=True)
class UsageLimits:
    """How much a serverless cache stores, in GB, and how many ElastiCache processing units it uses each second."""

    data_storage_minimum: int | None
    data_storage_maximum: int | None
    ecpu_per_second_minimum: int | None
    ecpu_per_second_maximum: int | None

    def spec(self) -> CacheUsageLimitsSpec | None:
        """Describe the limits to the rulebook."""
        if not (self._has_data_storage() or self._has_ecpu_per_second()):
            return None
        storage, processing = None, None
        if self._has_data_storage():
            storage = UsageLimitSpec(
                minimum=at_synth(self.data_storage_minimum), maximum=at_synth(self.data_storage_maximum), unit=_UNIT
            )
        if self._has_ecpu_per_second():
            processing = UsageLimitSpec(
                minimum=at_synth(self.ecpu_per_second_minimum), maximum=at_synth(self.ecpu_per_second_maximum)
            )
        return CacheUsageLimitsSpec(data_storage=storage, ecpu_per_second=processing)

    def cfn_property(self) -> elasticache.CfnServerlessCache.CacheUsageLimitsProperty | None:
        """Describe the limits to CloudFormation."""
        resource = elasticache.CfnServerlessCache
        if not (self._has_data_storage() or self._has_ecpu_per_second()):
            return None
        storage, processing = None, None
        if self._has_data_storage():
            storage = resource.DataStorageProperty(
                minimum=self.data_storage_minimum, maximum=self.data_storage_maximum, unit=_UNIT
            )
        if self._has_ecpu_per_second():
            processing = resource.ECPUPerSecondProperty(
                minimum=self.ecpu_per_second_minimum, maximum=self.ecpu_per_second_maximum
            )
        return resource.CacheUsageLimitsProperty(data_storage=storage, ecpu_per_second=processing)

    def _has_data_storage(self) -> bool:
        return self.data_storage_minimum is not None or self.data_storage_maximum is not None

    def _has_ecpu_per_second(self) -> bool:
        return self.ecpu_per_second_minimum is not None or self.ecpu_per_second_maximum is not None
