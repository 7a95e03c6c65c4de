"""Decides about sign-ins with IAM tokens for the groups of a fleet."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.iam_token import Lookup, refusal
from elasticache_kit.emulator.fleet.sign_in import DEFAULT_USER

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group

logger = logging.getLogger(__name__)


def password(group: Group, user: str, token: str, secret_key: Lookup) -> str:
    """Give the password that signs an IAM user in, or a wrong one, which the engine refuses in its own words.

    Why a token was refused is in the emulator's log; clients are not told, as on AWS.

    Args:
        group: whose user it is; its key ends with the Region and the name, `.../eu-west-1/orders`.
        user: the user's name.
        token: what the client gave as its password.
        secret_key: gives the secret of an access key; None for one that nobody knows.
    """
    if user == DEFAULT_USER and group.plan.sign_in.open:
        return token
    *_, region, cache_name = ["", *group.plan.key.split("/")]
    reason = refusal(
        token,
        user=user,
        cache_name=cache_name,
        region=region,
        serverless=group.plan.sign_in.serverless,
        secret_key=secret_key,
        now=dt.datetime.now(dt.UTC),
    )
    if reason is None:
        return group.workshop.iam_secret
    logger.warning("%s: the IAM sign-in of %s is refused: %s", group.plan.key, user, reason)
    return secrets.token_hex(32)
