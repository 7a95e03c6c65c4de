"""Permission: what each command must be allowed to do in IAM, as statements with no other rights.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
"""

from elasticache_kit.model.permission.command import (
    ACTIONS,
    CHANGING_DRILLS,
    COMMANDS,
    DRILLS,
    NAMESPACE,
    STOP_ALARM,
    actions,
    names,
)
from elasticache_kit.model.permission.scope import KINDS, Scope
from elasticache_kit.model.permission.statement import Statement, policy, statements

__all__ = [
    "ACTIONS",
    "CHANGING_DRILLS",
    "COMMANDS",
    "DRILLS",
    "KINDS",
    "NAMESPACE",
    "STOP_ALARM",
    "Scope",
    "Statement",
    "actions",
    "names",
    "policy",
    "statements",
]
