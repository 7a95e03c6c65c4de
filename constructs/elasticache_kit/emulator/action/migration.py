"""Online migration: from a Redis that somebody runs into a replication group or a serverless cache.

The engines of a group without cluster mode follow the source; for all others only the steps, their order and their
refusals are AWS's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import not_yet
from elasticache_kit.emulator.action import serverless_cache as serverless
from elasticache_kit.emulator.action.argument import structures
from elasticache_kit.emulator.action.replication_group_view import available, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value
from elasticache_kit.emulator.provision import migration as provision_migration
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.state.serverless_cache import Migration, ServerlessCache
from elasticache_kit.errors import EmulatorError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup


@taking_turns
def test_migration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Look whether a group could take the data of a source; an event tells."""
    group = _target(region, request["ReplicationGroupId"])
    reasons = provision_migration.obstacles(*_endpoint(request))
    said = f"failed: {'; '.join(reasons)}" if reasons else "passed" if not_yet.engines_on() else "begun"
    text = f"Test of the migration into {group.replication_group_id} {said}"
    region.record(provision.GROUP, group.replication_group_id, text)
    return {"ReplicationGroup": describe(region, group)}


@taking_turns
def prepare_migration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Open the migration of a serverless cache."""
    cache = serverless.available(region, request["ServerlessCacheName"])
    if cache.migration:
        raise Fault(
            "ServerlessCacheAlreadyUnderMigrationFault", f"{cache.serverless_cache_name} is under migration already."
        )
    if cache.spec.engine == "memcached":
        raise invalid_combination("A serverless cache of memcached takes no data from a running cache.")
    cache.migration = Migration(_endpoint(request), "prepared")
    return {"ServerlessCache": serverless.describe(region, cache)}


@taking_turns
def start_migration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to take data, into a replication group or into a serverless cache that is prepared."""
    if _into_serverless(request):
        not_yet.refuse_with_engines("StartMigration into a serverless cache")
        return _start_serverless(region, request)
    group = _target(region, request["ReplicationGroupId"])
    host, port = _endpoint(request)
    group.migration, group.status = f"{host}:{port}", "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        runtime.current().lifecycle.pause(runtime.current().lifecycle.timing.modify)
        try:
            provision_migration.begin(region, group, host, port)
        except (EmulatorError, RefusedError):
            group.migration = None
            raise
        text = f"Migration into {group.replication_group_id} from {group.migration} begun"
        region.record(provision.GROUP, group.replication_group_id, text)

    _start(group, finish)
    return answer


@taking_turns
def stop_migration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Stop taking data into a serverless cache; the migration stays open."""
    cache, migration = _under_migration(region, request["ServerlessCacheName"])
    if migration.status != "syncing":
        raise Fault(
            "InvalidServerlessCacheStateFault",
            f"The migration of {cache.serverless_cache_name} is {migration.status}, not syncing.",
        )
    migration.status = "stopped"
    return {"ServerlessCache": serverless.describe(region, cache)}


@taking_turns
def complete_migration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """End the migration: the cache stands on its own."""
    if _into_serverless(request):
        cache, migration = _under_migration(region, request["ServerlessCacheName"])
        if migration.status != "syncing" and not request.get("Force"):
            raise Fault("MigrationHealthFault", f"The migration is {migration.status}: only Force ends it now.")
        cache.migration = None
        return {"ServerlessCache": serverless.describe(region, cache)}
    group = available(region, request["ReplicationGroupId"])
    if group.migration is None:
        raise Fault("ReplicationGroupNotUnderMigrationFault", f"{group.replication_group_id} is not under migration.")
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        runtime.current().lifecycle.pause(runtime.current().lifecycle.timing.modify)
        provision_migration.complete(region, group, force=bool(request.get("Force")))
        group.migration = None
        text = f"Migration into {group.replication_group_id} completed"
        region.record(provision.GROUP, group.replication_group_id, text)

    _start(group, finish)
    return answer


def _start(group: ReplicationGroup, job: Callable[[], None]) -> None:
    name = f"migration into {group.replication_group_id}"
    runtime.current().lifecycle.start(name, lambda: provision.change(group, job))


def _start_serverless(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    cache, migration = _under_migration(region, request["ServerlessCacheName"])
    if migration.status == "syncing":
        raise Fault("InvalidServerlessCacheStateFault", f"{cache.serverless_cache_name} takes data already.")
    if migration.status == "stopped" and not request.get("ClearTargetCacheData"):
        raise invalid_combination("After StopMigration the data start anew: ClearTargetCacheData must be true.")
    migration.status, migration.automatic_cutover = "syncing", bool(request.get("AutoCutover"))
    return {"ServerlessCache": serverless.describe(region, cache)}


def _target(region: Region, group_id: str) -> ReplicationGroup:
    """Return a group that can take data: at rest, without TLS, failing over by itself, not under migration.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Migration-Prepare.html
    """
    group = available(region, group_id)
    if group.migration is not None:
        raise Fault(
            "ReplicationGroupAlreadyUnderMigrationFault",
            f"{group.replication_group_id} is under migration from {group.migration} already.",
        )
    if group.spec.transit_encryption_enabled or group.auth_tokens:
        raise invalid_combination(f"{group.replication_group_id} has TLS, with which no data are migrated.")
    if group.cluster_mode_enabled:
        not_yet.refuse_with_engines("the migration into a group in cluster mode")
    if not group.spec.multi_az_enabled:
        raise invalid_combination(f"{group.replication_group_id} needs Multi-AZ for a migration.")
    return group


def _endpoint(request: Mapping[str, Any]) -> tuple[str, int]:
    endpoints = structures(request, "CustomerNodeEndpointList")
    if len(endpoints) != 1 or not endpoints[0].get("Address") or not endpoints[0].get("Port"):
        raise invalid_value("CustomerNodeEndpointList must hold one endpoint, with Address and Port.")
    return str(endpoints[0]["Address"]), int(endpoints[0]["Port"])


def _into_serverless(request: Mapping[str, Any]) -> bool:
    if bool(request.get("ServerlessCacheName")) == bool(request.get("ReplicationGroupId")):
        raise invalid_combination("Give either ReplicationGroupId or ServerlessCacheName.")
    return bool(request.get("ServerlessCacheName"))


def _under_migration(region: Region, name: str) -> tuple[ServerlessCache, Migration]:
    cache = serverless.available(region, name)
    if cache.migration is None:
        raise Fault("ServerlessCacheNotUnderMigrationFault", f"{cache.serverless_cache_name} is not under migration.")
    return cache, cache.migration
