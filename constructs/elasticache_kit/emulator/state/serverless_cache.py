"""Serverless caches and their snapshots."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.state.moment import now

if TYPE_CHECKING:
    from elasticache_kit.model.serverless_cache import ServerlessCacheSpec


@dataclass(slots=True)
class Migration:
    """The migration of a self-managed cache into a serverless one.

    Args:
        endpoint: where the data come from: host and port.
        status: how far it is.
        automatic_cutover: whether it completes itself.
    """

    endpoint: tuple[str, int]
    status: str
    automatic_cutover: bool = False


@dataclass(slots=True)
class ServerlessCache:
    """A serverless cache as it stands.

    Args:
        serverless_cache_name: its name, in lower case.
        arn: its ARN.
        spec: what was asked for.
        full_engine_version: the version that runs.
        status: `creating`, `available`, `modifying`, `deleting` or `create-failed`.
        created: when it was made.
        migration: the migration into it that goes on.
        last_automatic_snapshot: when the last daily snapshot was due.
    """

    serverless_cache_name: str
    arn: str
    spec: ServerlessCacheSpec
    full_engine_version: str
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    migration: Migration | None = None
    last_automatic_snapshot: dt.datetime | None = None


@dataclass(slots=True)
class ServerlessCacheSnapshot:
    """A snapshot of a serverless cache.

    Args:
        name: its name, in lower case.
        arn: its ARN.
        serverless_cache_name: the cache that it was taken of.
        engine: the engine of that cache.
        major_engine_version: the version of that engine.
        type: `manual` or `automated`.
        kms_key_id: the key that it is encrypted with.
        status: `creating`, `available`, `copying` or `deleting`.
        created: when it was taken.
        expires: when an automatic one goes, None for one that stays.
        data: the RDB files; none where no engine stood behind the cache.
    """

    name: str
    arn: str
    serverless_cache_name: str
    engine: str
    major_engine_version: str
    type: Literal["manual", "automated"]
    kms_key_id: str | None = None
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    expires: dt.datetime | None = None
    data: tuple[Path, ...] = ()
