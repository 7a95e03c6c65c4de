"""AUTH tokens: set, rotated, and left for users.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.fault import invalid_combination, refuse
from elasticache_kit.emulator.state.replication_group import AuthTokens
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

# Stands among the tokens for signing in without one, while a first token is being rotated in.
OPEN = ""


def first(request: Mapping[str, Any]) -> AuthTokens | None:
    """Return the tokens of a new group, None for none."""
    token = request.get("AuthToken")
    return AuthTokens((token,)) if token else None


def after(group: ReplicationGroup, request: Mapping[str, Any]) -> AuthTokens | None:
    """Return the tokens of a group after a change.

    ROTATE, the default, lets the last token and the new one in. SET, which follows it, the given one alone. DELETE
    lets none in, and goes with a user group.

    Raises:
        Fault: InvalidParameterCombination for a strategy that does not fit.
    """
    token, strategy = request.get("AuthToken"), request.get("AuthTokenUpdateStrategy")
    present = group.auth_tokens
    if token is None and strategy is None:
        return present
    if strategy == "DELETE":
        if not request.get("UserGroupIdsToAdd") or present is None:
            raise invalid_combination(
                "AuthTokenUpdateStrategy DELETE is for a group with an AUTH token that gets a user group: "
                "name it in UserGroupIdsToAdd."
            )
        return None
    if token is None:
        raise invalid_combination("AuthTokenUpdateStrategy must be given together with AuthToken.")
    values = present.values if present else (OPEN,)
    if strategy == "SET":
        if len(values) == 1:
            raise invalid_combination("AuthTokenUpdateStrategy SET follows ROTATE: rotate the token in first.")
        return AuthTokens((token,))
    return AuthTokens((values[-1], token))


def told(tokens: AuthTokens | None) -> Unknown | None:
    """Return the tokens as a spec knows them: that there are some."""
    return UNKNOWN if tokens else None


def check_format(spec: ReplicationGroupSpec, request: Mapping[str, Any]) -> None:
    """Judge the text of a new token, which no spec keeps.

    Raises:
        Fault: what the rulebook finds.
    """
    if token := request.get("AuthToken"):
        refuse(rulebook.check(dataclasses.replace(spec, auth_token=token)))
