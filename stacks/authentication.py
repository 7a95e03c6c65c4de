"""How clients sign in to the caches of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.cdk.authentication import Authentication
from stacks.settings import NONE

if TYPE_CHECKING:
    from stacks.settings import Settings


def authentication(settings: Settings) -> Authentication | None:
    """Return IAM with a user for each cache, or None where the security group alone decides who connects."""
    return None if settings.authentication == NONE else Authentication.iam()
