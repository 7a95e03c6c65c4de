"""What becomes of a stack's resources when it goes from one template to another: kept, replaced, refused, or lost.

`fact` has what CloudFormation does for each property, `condition` what decides where it depends, `resource` puts it
together for a resource; `loss` says which data it costs and `advice` how to keep them. All of it is pure: `template`
reads the two templates and the command line shows the answer.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.loss import Loss
from elasticache_kit.model.change.property import PropertyChange
from elasticache_kit.model.change.resource import ResourceChange, added, change, removed, replaces
from elasticache_kit.model.change.state import State
from elasticache_kit.model.change.value import ABSENT, Deferred
from elasticache_kit.model.change.verdict import StackChange, Verdict

__all__ = [
    "ABSENT",
    "Deferred",
    "Kind",
    "Loss",
    "PropertyChange",
    "ResourceChange",
    "StackChange",
    "State",
    "Verdict",
    "added",
    "change",
    "removed",
    "replaces",
]
