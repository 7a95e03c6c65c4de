"""The family of the parameter groups of a version, also of one that only a deployment knows.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aws_cdk import Fn

from elasticache_kit.cdk.argument import violation
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.parameter import default_parameter_group

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation

# How many of the numbers of a version its family is named by. Of Redis OSS that differs from version to version.
_NUMBERS = {Engine.VALKEY: 1, Engine.MEMCACHED: 2}


def family(version: EngineVersion) -> str:
    """Return the name of the family; CloudFormation puts it together where it alone knows the version."""
    if not version.deferred:
        return version.family
    parts = Fn.split(".", version.version)
    numbers = ".".join(Fn.select(index, parts) for index in range(_NUMBERS.get(version.engine, 1)))
    return f"{version.engine}{numbers}"


def default_group_name(version: EngineVersion, *, cluster_enabled: bool) -> str:
    """Return the name of AWS's own parameter group for a version."""
    return default_parameter_group(family(version), cluster_enabled)


def untold_family(version: EngineVersion, remedy: str) -> Iterator[Violation]:
    """Yield a violation where not even CloudFormation can tell the family."""
    if version.deferred and version.engine not in _NUMBERS:
        yield violation(
            "cdk-engine-version-token",
            "engine_version",
            version.version,
            f"only the deployment knows it, and a version of {version.engine} does not simply tell its parameter group",
            remedy,
        )
