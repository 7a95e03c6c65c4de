"""A Valkey or Redis that somebody runs, as the source of an online migration."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import Admin, ReplyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticache_kit.emulator.fleet.feed import Source


def obstacles(source: Source) -> tuple[str, ...]:
    """Say what keeps a group without cluster mode from taking the data of a source; nothing where all is well.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Migration-Prepare.html
    """
    place = f"{source.host}:{source.port}"
    if not _local(source.host):
        return (f"{place} is not on this machine, and the emulator talks to nobody else: give a loopback address",)
    try:
        with Admin(source.host, source.port) as admin:
            return tuple(_reasons(place, admin.info("cluster"), admin.info("replication"), admin.info("persistence")))
    except ReplyError as error:
        return (f"{place} asks for a password or is not Valkey or Redis: {error}",)
    except OSError as error:
        return (f"{place} does not answer: {error}",)


def offset(source: Source) -> int:
    """Ask a source how much it has written.

    Raises:
        OSError: it does not answer.
        ReplyError: it refuses to say.
    """
    with Admin(source.host, source.port) as admin:
        return int(admin.info("replication")["master_repl_offset"])


def _reasons(
    place: str, cluster: Mapping[str, str], role: Mapping[str, str], persistence: Mapping[str, str]
) -> Iterator[str]:
    if cluster.get("cluster_enabled") == "1":
        yield f"{place} is in cluster mode"
    if role.get("role") != "master":
        yield f"{place} is a replica: name its primary {role.get('master_host')}:{role.get('master_port')}"
    if persistence.get("loading") == "1":
        yield f"{place} is loading its data"


def _local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
