"""How clients sign in to the engines of a cache: its tokens, user groups and users, told to engines that run."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from elasticache_kit.emulator import fleet_key, runtime
from elasticache_kit.emulator.fleet import EngineUser, SignIn
from elasticache_kit.errors import EmulatorError, NotFoundError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache
    from elasticache_kit.emulator.state.user import User

logger = logging.getLogger(__name__)


def of_group(region: Region, group: ReplicationGroup) -> SignIn:
    """Return how clients sign in to a replication group: as users, else with a token, else not at all."""
    if group.user_group_ids:
        return of_user_groups(region, group.user_group_ids)
    return SignIn.of_tokens(group.auth_tokens.values) if group.auth_tokens else SignIn()


def of_serverless_cache(region: Region, cache: ServerlessCache) -> SignIn:
    """Return how clients sign in to a serverless cache: as users, else not at all."""
    group_id = cache.spec.user_group_id
    return of_user_groups(region, [group_id], serverless=True) if isinstance(group_id, str) else SignIn()


def of_user_groups(region: Region, user_group_ids: Iterable[str], *, serverless: bool = False) -> SignIn:
    """Return the sign-in of the users of user groups.

    Args:
        region: where the groups are.
        user_group_ids: their ids.
        serverless: whether IAM tokens are made for a serverless cache.
    """
    groups = [region.user_groups.find(item) for item in user_group_ids]
    users = dict.fromkeys(user_id for group in groups for user_id in group.user_ids)
    return SignIn(users=tuple(_engine_user(region.users[item]) for item in users), serverless=serverless)


def renew(region: Region, group: ReplicationGroup) -> None:
    """Tell the engines of a group how clients sign in now, and whether they may come without TLS.

    Raises:
        EmulatorError: an engine does not take it.
    """
    fleet, key = runtime.current().fleet, region.fleet_key(group.replication_group_id)
    if fleet is None:
        return
    # What is told last must be what is so: nobody changes users or tokens meanwhile.
    with region.lock:
        fleet.set_sign_in(key, of_group(region, group))
        fleet.change_tls(key, tls=bool(group.spec.transit_encryption_enabled), preferred=tls_preferred(group))


def renew_for(region: Region, user_group_ids: Collection[str]) -> None:
    """Tell the engines of every cache that lets one of these user groups in; a failure is logged, not raised.

    A node that does not take it because it has died starts with it when it is replaced.
    """
    fleet = runtime.current().fleet
    if fleet is None:
        return
    concerned = {
        region.fleet_key(group.replication_group_id): of_group(region, group)
        for group in region.replication_groups.values()
        if set(group.user_group_ids) & set(user_group_ids)
    } | {
        fleet_key.of_serverless_cache(region, cache.serverless_cache_name): of_serverless_cache(region, cache)
        for cache in region.serverless_caches.values()
        if cache.spec.user_group_id in user_group_ids
    }
    for key, sign_in in concerned.items():
        try:
            fleet.set_sign_in(key, sign_in)
        except NotFoundError:
            # It does not run yet, or no longer: where it starts it starts with what is so then.
            continue
        except EmulatorError:
            logger.exception("the users of %s", key)


def tls_preferred(group: ReplicationGroup) -> bool:
    """Tell whether clients may come with or without TLS."""
    return bool(group.spec.transit_encryption_enabled) and group.spec.transit_encryption_mode == "preferred"


def _engine_user(user: User) -> EngineUser:
    return EngineUser(
        name=user.user_name,
        access_string=user.access_string,
        password_hashes=user.password_hashes,
        no_password=user.authentication_type == "no-password",
        iam=user.authentication_type == "iam",
    )
