"""Keeps from clients the commands that ElastiCache keeps to itself.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ClientConfig.RestrictedCommands.html: there they are unknown
commands, here they are refused with NOPERM, because the emulator needs them.
"""

from __future__ import annotations

from elasticache_kit.model.access_string import FORBIDDEN_COMMANDS, AccessString

# Beside the list: who could change users could take the emulator's own place.
_OF_USERS = ("acl|deluser", "acl|load", "acl|save", "acl|setuser")
DENIED = tuple(f"-{command}" for command in (*sorted(FORBIDDEN_COMMANDS), *_OF_USERS))


def guarded(access: AccessString) -> tuple[str, ...]:
    """Give the rules of an access string for the engine, without the commands that are kept back."""
    rules = [f"({' '.join([*map(str, rule.rules), *DENIED])})" if rule.rules else str(rule) for rule in access.rules]
    return (*rules, *DENIED)
