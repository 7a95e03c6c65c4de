"""The one place where moto is made to use our backends; everything is put back by what `install` returns.

moto shares one dictionary of backends and one table of URLs per service with all its parts, so exchanging the class and
the dispatcher in them extends moto without a fork. Mends of stock moto that this makes possible, with their issues:

- change sets without outputs, without rollback, looked up over all stacks: getmoto/moto 3032, 8092
- ElastiCache without failover, events, member clusters, CloudFormation: getmoto/moto 8932
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation import urls as cloudformation_urls
from moto.cloudformation.models import cloudformation_backends
from moto.elasticache import urls as elasticache_urls
from moto.elasticache.models import elasticache_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import FakeBucket

from elasticache_kit.emulator.cloudformation import bucket_policy, parameter_group, replication_group, subnet_group
from elasticache_kit.emulator.cloudformation.backend import LocalCloudFormationBackend
from elasticache_kit.emulator.cloudformation.response import LocalCloudFormationResponse
from elasticache_kit.emulator.response import LocalElastiCacheBackend, LocalElastiCacheResponse

ROOT = "{0}/$"
# moto finds resource types by subclass: that these are imported is what makes them known.
RESOURCE_TYPES = (
    bucket_policy.BucketPolicyResource,
    parameter_group.ParameterGroupResource,
    replication_group.ReplicationGroupResource,
    subnet_group.SubnetGroupResource,
)


def install() -> Callable[[], None]:
    """Put our backends and dispatchers in moto's place and return what undoes that."""
    swaps: list[tuple[Any, type, dict[str, Any], Any]] = [
        (elasticache_backends, LocalElastiCacheBackend, elasticache_urls.url_paths, LocalElastiCacheResponse.dispatch),
        (
            cloudformation_backends,
            LocalCloudFormationBackend,
            cloudformation_urls.url_paths,
            LocalCloudFormationResponse.dispatch,
        ),
    ]
    before = [(backends, backends.backend, urls, urls[ROOT]) for backends, _, urls, _ in swaps]
    bucket: Any = FakeBucket
    stock_permission = bucket.get_permission
    _exchange(swaps)
    bucket.get_permission = bucket_policy.get_permission

    def undo() -> None:
        _exchange(before)
        bucket.get_permission = stock_permission

    return undo


def forget_everything() -> None:
    """Empty every service of moto: its backends belong to the process and would outlive the emulator."""
    moto_api_backend.reset()


def _exchange(swaps: list[tuple[Any, Any, dict[str, Any], Any]]) -> None:
    for backends, backend, urls, dispatch in swaps:
        backends.backend = backend
        backends.clear()
        urls[ROOT] = dispatch
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
