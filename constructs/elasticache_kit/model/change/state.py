"""State: a resource of a stack as a template describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A resource of a stack, before or after.

    Args:
        logical_id: its name in the template.
        type: for example `AWS::ElastiCache::ReplicationGroup`.
        properties: its properties by CloudFormation's names: plain data, UNKNOWN or Deferred where only the deployment
            knows.
        deletion_policy: DeletionPolicy. Default: CloudFormation's, which deletes.
        update_replace_policy: UpdateReplacePolicy. Default: CloudFormation's, which deletes.
        online_resharding: UpdatePolicy UseOnlineResharding. Default: not given, which is no.
        context: fields of the spec of its kind that other resources tell, such as `parameter_group_family`. Default:
            none are known.
    """

    logical_id: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict[str, object])
    deletion_policy: str | Unknown | None = None
    update_replace_policy: str | Unknown | None = None
    online_resharding: bool | Unknown = False
    context: Mapping[str, object] = field(default_factory=dict[str, object])
