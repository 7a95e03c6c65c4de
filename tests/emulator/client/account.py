"""One emulator with one cache of each shape, and what a client is told of each.

The caches are made through the API, so what is proved goes all the way: request, engines, endpoint, sign-in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet

REGION = "eu-west-1"
TOKEN = "an-auth-token-0123456789"  # noqa: S105 -- of an emulator that ends with the tests
PASSWORD = "annas-password-0123456789"  # noqa: S105 -- see above
PERSON, PROGRAM = "anna", "robot"
ACCESS = "on ~* &* +@all"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client connects, and what it needs for that.

    Args:
        host: the address or name.
        port: the port.
        cache_name: the replication group or serverless cache.
        cluster: whether it leads into a cluster.
        ca_file: what the client trusts; None where there is no TLS.
        serverless: whether the cache is serverless.
        reader: whether it leads to replicas, which take no writes.
    """

    host: str
    port: int
    cache_name: str
    cluster: bool = False
    ca_file: Path | None = None
    serverless: bool = False
    reader: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a client signs in.

    Args:
        user: its user name; None to come without one.
        password: its password or AUTH token; None for no sign-in, or one with IAM.
        iam: whether it signs in with IAM tokens.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    iam: bool = False


NOBODY = Credentials()
WITH_TOKEN = Credentials(password=TOKEN)
WITH_PASSWORD = Credentials(PERSON, PASSWORD)
WITH_IAM = Credentials(PROGRAM, iam=True)


@dataclass(frozen=True, slots=True)
class Caches:
    """The emulator and its caches."""

    emulator: Emulator
    api: Any
    ca_file: Path

    def place(self, cache: str, endpoint: str = "primary") -> Place:
        """Ask the API for an endpoint of a cache: primary, reader, configuration, node, or that of a serverless one."""
        if cache == "cart":
            (found,) = self.api.describe_serverless_caches(ServerlessCacheName=cache)["ServerlessCaches"]
            told = found[{"reader": "ReaderEndpoint"}.get(endpoint, "Endpoint")]
            return Place(told["Address"], told["Port"], cache, cluster=True, ca_file=self.ca_file, serverless=True)
        (group,) = self.api.describe_replication_groups(ReplicationGroupId=cache)["ReplicationGroups"]
        told = _endpoint(group, endpoint)
        trusted = self.ca_file if group["TransitEncryptionEnabled"] else None
        kind = {"cluster": endpoint == "configuration", "reader": endpoint == "reader"}
        return Place(told["Address"], told["Port"], cache, ca_file=trusted, **kind)

    def commandstats(self, cache: str, command: str) -> Mapping[str, int]:
        """Ask every node of a group how often it has executed a command for clients (INFO commandstats)."""
        group = self._fleet.group(_key(cache))
        found: dict[str, int] = {}
        for name, node in group.nodes.items():
            with node.engine.admin() as admin:
                line = admin.info("commandstats").get(f"cmdstat_{command}", "calls=0,")
            found[name] = int(line.removeprefix("calls=").split(",")[0])
        return found

    def roles(self, cache: str) -> Mapping[str, str]:
        """Ask every node of a group what it is; the API does not tell where cluster mode is enabled, as on AWS."""
        return self._fleet.roles(_key(cache))

    @property
    def _fleet(self) -> Fleet:
        assert self.emulator.fleet is not None
        return self.emulator.fleet


def _key(cache: str) -> str:
    return f"123456789012/{REGION}/{cache}"


def _endpoint(group: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    if kind == "configuration":
        return group["ConfigurationEndpoint"]
    shard = group["NodeGroups"][0]
    if kind == "node":
        return next(item["ReadEndpoint"] for item in shard["NodeGroupMembers"] if item["CurrentRole"] == "primary")
    return shard[{"primary": "PrimaryEndpoint", "reader": "ReaderEndpoint"}[kind]]


@contextmanager
def signed_in() -> Generator[None]:
    """Set what AWS's token provider and clients that sign for themselves read: the default credential chain."""
    before = dict(os.environ)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }  # fmt: skip
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def emulator_with(directory: Path, order: Callable[[Client], None]) -> Generator[Caches]:
    """Start an emulator and the caches that are ordered, all at once, and wait for all of them."""
    with Emulator(directory, timing=INSTANT) as emulator:
        client = client_of(emulator.endpoint_url, REGION)
        make_subnet_group(client, make_subnets(client, "abc"))
        order(client)
        elasticache = client("elasticache")
        for group in elasticache.describe_replication_groups()["ReplicationGroups"]:
            available(elasticache, group["ReplicationGroupId"])
        until(
            lambda: elasticache.describe_serverless_caches()["ServerlessCaches"],
            lambda found: all(cache["Status"] == "available" for cache in found),
        )
        assert emulator.fleet is not None
        yield Caches(emulator, elasticache, emulator.fleet.ca_file)


def one_of_each(client: Client) -> None:
    """Order the caches that differ in endpoints and sign-in: `open`, `token`, `users`, `shards`, `both` and `cart`."""
    elasticache = client("elasticache")
    elasticache.create_user(UserId=PERSON, UserName=PERSON, Engine="valkey", AccessString=ACCESS, Passwords=[PASSWORD])
    elasticache.create_user(
        UserId=PROGRAM, UserName=PROGRAM, Engine="valkey", AccessString=ACCESS, AuthenticationMode={"Type": "iam"}
    )
    elasticache.create_user_group(UserGroupId="team", Engine="valkey", UserIds=[PERSON, PROGRAM])
    alone = {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False, "MultiAZEnabled": False}
    make_group(client, ReplicationGroupId="token", **alone, AuthToken=TOKEN)
    make_group(client, ReplicationGroupId="open", NumCacheClusters=2, TransitEncryptionEnabled=False)
    make_group(client, ReplicationGroupId="users", NumCacheClusters=2, UserGroupIds=["team"])
    make_group(
        client, ReplicationGroupId="shards", NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1,
        UserGroupIds=["team"], CacheParameterGroupName="default.valkey8.cluster.on",
    )  # fmt: skip
    make_group(
        client, ReplicationGroupId="both", NumCacheClusters=None, NumNodeGroups=1, ReplicasPerNodeGroup=1,
        ClusterMode="compatible", UserGroupIds=["team"], CacheParameterGroupName="default.valkey8.cluster.on",
    )  # fmt: skip
    elasticache.create_serverless_cache(ServerlessCacheName="cart", Engine="valkey", UserGroupId="team")
