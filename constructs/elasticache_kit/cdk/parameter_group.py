"""ParameterGroup: the engine's settings."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from aws_cdk import Resource, Token
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.family import family, untold_family
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.parameter import ParameterGroupSpec, check, default_group_family
from elasticache_kit.model.rule import refuse

_CLUSTER_ENABLED = "cluster-enabled"


class IParameterGroup(Resource, ABC):
    """A parameter group, made here or imported."""

    @property
    @abstractmethod
    def cache_parameter_group_name(self) -> str:
        """The name that a cache refers to."""

    @property
    @abstractmethod
    def cache_parameter_group_family(self) -> str | None:
        """The family, for example `valkey9`; None where the parameter group is imported and its name does not tell."""

    @property
    @abstractmethod
    def cluster_enabled(self) -> bool | None:
        """Whether it turns cluster mode on; None where the parameter group is imported and its name does not tell."""

    @property
    @abstractmethod
    def properties(self) -> Mapping[str, str] | None:
        """The parameters that differ from the family's defaults; None where the parameter group is imported."""


class ParameterGroup(IParameterGroup):
    """Makes an AWS::ElastiCache::ParameterGroup of the family of an engine version.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        engine_version: the version whose family the parameter group is for.
        properties: the parameters that differ from the family's defaults, by name; True and False become yes and no.
            A group for a ShardedReplicationGroup needs `{"cluster-enabled": "yes"}`. Default: none differs.
        description: what it is for. Default: the path of the construct.

    Raises:
        ValidationError: a parameter is unknown to the family, cannot be modified, or its value is not allowed.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        engine_version: EngineVersion,
        properties: Mapping[str, str | int | bool] | None = None,
        description: str | None = None,
    ) -> None:
        path = construct_path(scope, construct_id)
        text = description if description is not None else f"Parameters of {path}"
        values = {name: _text(value) for name, value in (properties or {}).items()}
        name = family(engine_version)
        spec = ParameterGroupSpec(
            cache_parameter_group_family=at_synth(name),
            description=at_synth(text),
            parameters={name: at_synth(value) for name, value in values.items()},
        )
        mistakes = untold_family(engine_version, "give a version of its family that is known at synth")
        warnings = refuse(path, (*mistakes, *check(spec)))

        super().__init__(scope, construct_id)
        self._family = engine_version.family or None
        self._properties = values
        enabled = values.get(_CLUSTER_ENABLED)
        self._cluster_enabled = None if is_token(enabled) else enabled == "yes"
        self._resource = elasticache.CfnParameterGroup(
            self,
            "Resource",
            cache_parameter_group_family=name,
            description=text,
            properties=values or None,
        )
        warn(self, warnings)

    @staticmethod
    @typed
    def from_cache_parameter_group_name(
        scope: Construct, construct_id: str, cache_parameter_group_name: str
    ) -> IParameterGroup:
        """Import a parameter group that exists; of AWS's own groups (`default.valkey9`) the name tells the family."""
        return _ImportedParameterGroup(scope, construct_id, cache_parameter_group_name)

    @property
    def cache_parameter_group_name(self) -> str:
        """The name that CloudFormation gives it."""
        return self._resource.ref

    @property
    def cache_parameter_group_family(self) -> str | None:
        """The family, for example `valkey9`; None where only a deployment knows."""
        return self._family

    @property
    def cluster_enabled(self) -> bool | None:
        """Whether it turns cluster mode on; None where only a deployment knows."""
        return self._cluster_enabled

    @property
    def properties(self) -> Mapping[str, str] | None:
        """The parameters that differ from the family's defaults."""
        return self._properties


class _ImportedParameterGroup(IParameterGroup):
    def __init__(self, scope: Construct, construct_id: str, cache_parameter_group_name: str) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(cache_parameter_group_name)

    @property
    def cache_parameter_group_name(self) -> str:
        return self._name

    @property
    def cache_parameter_group_family(self) -> str | None:
        return default_group_family(self._name)

    @property
    def cluster_enabled(self) -> bool | None:
        if self.cache_parameter_group_family is None:
            return None
        return self._name.endswith(".cluster.on")

    @property
    def properties(self) -> Mapping[str, str] | None:
        if self.cluster_enabled is None:
            return None
        return {_CLUSTER_ENABLED: "yes"} if self.cluster_enabled else {}


def _text(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    # A number that only a deployment knows is one that Python would spell out.
    return Token.as_string(value) if is_token(value) else str(value)
