"""Cache security groups, which went with EC2-Classic: AWS refuses them to every account of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.fault import Fault, invalid_value

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

# hashicorp/terraform#9657 quotes code and sentence.
_GONE = "Use of cache security groups is not permitted in this API version for your account."


def refuse(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse to make or change one, in AWS's words."""
    del region, request
    raise invalid_value(_GONE)


def describe_cache_security_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List none: there can be none."""
    del region
    if name := request.get("CacheSecurityGroupName"):
        raise Fault("CacheSecurityGroupNotFound", f"Cache security group {name} not found.")
    return {"CacheSecurityGroups": []}
