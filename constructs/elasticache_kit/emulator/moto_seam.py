"""The one place where moto is made to use our backends; everything is put back by what `install` returns.

moto shares one dictionary of backends and one table of URLs per service with all its parts, so exchanging the class and
the dispatcher in them extends moto without a fork. Mends of stock moto that this makes possible, with their issues:

- change sets without outputs, without rollback, looked up over all stacks: getmoto/moto 3032, 8092
- Lambda functions that run in Docker alone
- rotation of secrets that goes on after its function has failed
- Application Auto Scaling without ElastiCache
- ElastiCache without failover, events, member clusters, CloudFormation: getmoto/moto 8932
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from moto.applicationautoscaling import models as scaling_models
from moto.applicationautoscaling import responses as scaling_responses
from moto.awslambda.models import LambdaFunction
from moto.backends import get_backend
from moto.cloudformation import parsing
from moto.cloudformation import urls as cloudformation_urls
from moto.cloudformation.models import cloudformation_backends
from moto.core.base_backend import BackendDict
from moto.core.errors import COMMON_ERROR_CODES
from moto.elasticache import urls as elasticache_urls
from moto.elasticache.models import elasticache_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import FakeBucket, s3_backends
from moto.secretsmanager.models import SecretsManagerBackend

from elasticache_kit.emulator import lambda_function, rotation
from elasticache_kit.emulator.cloudformation import bucket_policy
from elasticache_kit.emulator.cloudformation.backend import LocalCloudFormationBackend
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.emulator.cloudformation.response import LocalCloudFormationResponse
from elasticache_kit.emulator.interference import THROTTLED
from elasticache_kit.emulator.response import LocalElastiCacheBackend, LocalElastiCacheResponse

ROOT = "{0}/$"
# The CloudFormation types that moto has not got.
ADDED_TYPES = frozenset(kind.cloudformation_type() for kind in RESOURCE_TYPES)
# What may be scaled, beside what moto knows; AAS:RegisterScalableTarget.ScalableDimension.
NAMESPACES = {"ELASTICACHE": "elasticache"}
DIMENSIONS = {
    "ELASTICACHE_CACHE_CLUSTER_NODES": "elasticache:cache-cluster:Nodes",
    "ELASTICACHE_REPLICATION_GROUP_NODE_GROUPS": "elasticache:replication-group:NodeGroups",
    "ELASTICACHE_REPLICATION_GROUP_REPLICAS": "elasticache:replication-group:Replicas",
}


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
    forget_scaling = _let_elasticache_scale()
    function: Any = LambdaFunction
    stock_invoke, function._invoke_lambda = function._invoke_lambda, lambda_function.invoke  # noqa: SLF001 - the seam

    # Errors of every service, which no model of a single one lists.
    COMMON_ERROR_CODES.extend(THROTTLED)

    secrets: Any = SecretsManagerBackend
    stock_rotate = secrets.rotate_secret
    secrets.rotate_secret = rotation.rotate_with(stock_rotate)

    def undo() -> None:
        _exchange(before)
        for code in THROTTLED:
            COMMON_ERROR_CODES.remove(code)
        secrets.rotate_secret = stock_rotate
        bucket.get_permission = stock_permission
        forget_scaling()
        function._invoke_lambda = stock_invoke  # noqa: SLF001 - the seam

    return undo


def backends() -> dict[tuple[str, str, str], Any]:
    """Give the backends that are in use, by service, account and region."""
    # moto makes one when a service is first asked in a region, and lists them here only.
    in_use: list[Any] = list(vars(BackendDict)["_instances"])
    return {
        (service.service_name, account, region): backend
        for service in in_use
        for account, regions in list(service.items())
        for region, backend in list(regions.items())
    }


def put_back(kept: Mapping[tuple[str, str, str], Any], buckets: Mapping[str, tuple[str, str]]) -> None:
    """Put backends in the place of the empty ones.

    Args:
        kept: as `backends` gave them.
        buckets: as `buckets` gave them.
    """
    find: Any = get_backend
    for (service, account, region), backend in kept.items():
        find(service)[account][region] = backend
    s3_backends.bucket_accounts.update(buckets)


def buckets() -> dict[str, tuple[str, str]]:
    """Tell whose each bucket is; moto keeps that beside its backends."""
    return dict(s3_backends.bucket_accounts)


def forget_everything() -> None:
    """Empty every service of moto: its backends belong to the process and would outlive the emulator."""
    moto_api_backend.reset()


def _let_elasticache_scale() -> Callable[[], None]:
    """Add ElastiCache to what moto's Application Auto Scaling takes, and return what undoes that."""
    wider: dict[str, Any] = {
        "ServiceNamespaceValueSet": _widened(scaling_models.ServiceNamespaceValueSet, NAMESPACES),
        "ScalableDimensionValueSet": _widened(scaling_models.ScalableDimensionValueSet, DIMENSIONS),
    }
    before = [(module, name, getattr(module, name)) for module in (scaling_models, scaling_responses) for name in wider]
    for module, name, _ in before:
        setattr(module, name, wider[name])

    def undo() -> None:
        for module, name, stock in before:
            setattr(module, name, stock)

    return undo


def _widened(stock: type[Enum], more: dict[str, str]) -> Any:
    return Enum(stock.__name__, {**{member.name: member.value for member in stock}, **more})


def _exchange(swaps: list[tuple[Any, Any, dict[str, Any], Any]]) -> None:
    for backends, backend, urls, dispatch in swaps:
        backends.backend = backend
        backends.clear()
        urls[ROOT] = dispatch
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
