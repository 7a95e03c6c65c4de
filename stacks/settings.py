"""Sizes of the stacks for each environment, from the context of the CDK (cdk.json and `-c`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, cast

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from constructs import Node

DEFAULT_ENVIRONMENT = "dev"
# What a setting of text says where nothing is wanted.
NONE = "none"
_CHOICES = {"authentication": ("iam", NONE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How large the stacks of one environment are.

    Args:
        environment: the name under `environments` in cdk.json, chosen with `-c environment=`.
        stack_prefix: what the name of every stack begins with.
        max_azs: the most Availability Zones that the network spans; a stack without a fixed Region gets two.
        cache_node_type: the node type of every node.
        num_cache_clusters: nodes of the replication group, its primary included.
        num_node_groups: node groups (shards) of the sharded replication group.
        replicas_per_node_group: replicas in each of them.
        snapshot_retention_limit: days that an automatic snapshot is kept.
        authentication: how clients sign in to a replication group, `iam`, or `none` where the security group alone
            decides; the stack with users has its own.
        num_cache_nodes: nodes of the Memcached cluster.
        data_storage_maximum: GB that the serverless cache stores at most.
        ecpu_per_second_maximum: ElastiCache processing units per second that the serverless cache uses at most.
        global_primary_region: the Region of the global datastore that takes the writes.
        global_secondary_region: the Region of the global datastore that follows.
        global_cache_node_type: the node type of the global datastore, which takes larger ones only.
        backup_hour: the hour of the day, in UTC, at which a snapshot is taken for the export to S3.
        retained_snapshots: how many of these snapshots stay in ElastiCache.
        export_expiration_days: days that an exported snapshot is kept in S3.
        backup_copy_region: the Region that S3 copies the exports to, `none` for no copy.
        notification_email: who hears of events and alarms, `none` for nobody.
        drill_schedule: when a primary of each replication group is failed over, as EventBridge Scheduler writes it, in
            UTC; `none` for never.
    """

    environment: str
    stack_prefix: str
    max_azs: int
    cache_node_type: str
    num_cache_clusters: int
    num_node_groups: int
    replicas_per_node_group: int
    snapshot_retention_limit: int
    authentication: str
    num_cache_nodes: int
    data_storage_maximum: int
    ecpu_per_second_maximum: int
    global_primary_region: str
    global_secondary_region: str
    global_cache_node_type: str
    backup_hour: int
    retained_snapshots: int
    export_expiration_days: int
    backup_copy_region: str
    notification_email: str
    drill_schedule: str

    @classmethod
    def from_context(cls, node: Node) -> Settings:
        """Read the settings of the environment that `-c environment=` names, `dev` without it.

        A single setting is replaced with `-c <setting>=<value>`.

        Raises:
            ValidationError: the environment is not in the context, or a setting is missing, unknown or of the wrong
                type. The message lists all of them.
        """
        environments = _mapping(node.try_get_context("environments"))
        if not environments:
            raise ValidationError(
                "the context of the CDK has no `environments`: they are in cdk.json, which the CDK CLI reads; "
                "run `cdk synth` at the top of the repository"
            )
        environment = str(node.try_get_context("environment") or DEFAULT_ENVIRONMENT)
        if environment not in environments:
            raise ValidationError(
                f"environment {environment!r} is not in the context of the CDK: choose one of "
                f"{', '.join(sorted(environments))} with `-c environment=`, or add it to `environments` in cdk.json"
            )
        given = _mapping(environments[environment])
        return cls._from_mapping(environment, {**given, **_replaced(node)})

    @classmethod
    def _from_mapping(cls, environment: str, given: Mapping[str, object]) -> Settings:
        known = _types()
        mistakes = [f"{name} is missing" for name in known if name not in given]
        mistakes += [
            f"{name} is not a setting; the settings are {', '.join(known)}" for name in given if name not in known
        ]
        values: dict[str, object] = {}
        for name in known.keys() & given.keys():
            value = _converted(given[name], known[name])
            if value is None:
                mistakes.append(
                    f"{name} must be {'a whole number' if known[name] is int else 'text'}, got {given[name]!r}"
                )
            elif name in _CHOICES and value not in _CHOICES[name]:
                mistakes.append(f"{name} must be {' or '.join(_CHOICES[name])}, got {value!r}")
            values[name] = value
        if mistakes:
            lines = [f"the settings of environment {environment!r} are wrong (cdk.json, `environments`, or `-c`):"]
            raise ValidationError("\n".join([*lines, *(f"  - {mistake}" for mistake in sorted(mistakes))]))
        return cls(environment=environment, **cast("dict[str, int]", values))  # pyright: ignore[reportArgumentType] - checked above

    def stack_name(self, name: str) -> str:
        """Return the name of a stack in this environment."""
        return f"{self.stack_prefix}-{name}"


def _types() -> dict[str, type]:
    """Return the settings that the context gives, with their types."""
    return {
        field.name: int if field.type == "int" else str for field in fields(Settings) if field.name != "environment"
    }


def _replaced(node: Node) -> dict[str, object]:
    """Return the settings that are given by themselves, as `-c <setting>=<value>` does."""
    given = {name: node.try_get_context(name) for name in _types()}
    return {name: value for name, value in given.items() if value is not None}


def _converted(value: object, kind: type) -> int | str | None:
    """Return the value as the type of its setting, None where it is not one; `-c` gives every number as text."""
    if kind is str:
        return value if isinstance(value, str) and value else None
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    # JSON knows no whole numbers, so the CDK may hand over 3.0.
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) == value:
        return int(value)
    return None


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
