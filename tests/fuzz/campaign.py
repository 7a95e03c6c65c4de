"""A campaign: random requests to an emulator, one after the other, with a look at everything after each step."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.emulator.wire import client_of, make_subnets
from tests.fuzz.invariant import broken
from tests.fuzz.request import Requests, method
from tests.fuzz.seen import KINDS, Seen, look

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

REGIONS = ("eu-west-1", "eu-central-1")
# Some seconds or days, so that windows and retention come.
LEAPS = (dt.timedelta(minutes=10), dt.timedelta(hours=7), dt.timedelta(days=1), dt.timedelta(days=8))
SERVER_ERROR = 500


@dataclass(slots=True)
class Defects(logging.Handler):
    """Gathers what the log of a process tells of defects: everything that is an error."""

    found: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, with its traceback."""
        self.found.append(logging.Formatter("%(name)s: %(message)s").format(record))

    __hash__ = object.__hash__


@contextlib.contextmanager
def watched_log() -> Generator[Defects]:
    """Watch the log of this process."""
    defects = Defects()
    logging.getLogger().addHandler(defects)
    try:
        yield defects
    finally:
        logging.getLogger().removeHandler(defects)


class Campaign:
    """Random requests to an emulator.

    Args:
        emulator: it runs in this process.
        seed: the same seed makes the same choices.
        leap: whether the clock is put forward now and then.
    """

    def __init__(self, emulator: Emulator, seed: int, *, leap: bool = True) -> None:
        self._emulator = emulator
        self._chance = Random(seed)  # noqa: S311 - nothing secret
        self._requests = Requests(self._chance)
        self._leap = leap
        self._history: list[str] = []
        self.codes: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self._clients = {region: self._client(region) for region in REGIONS}
        self._subnets = {region: self._surroundings(region) for region in REGIONS}
        self._of_the_service = self._offered()
        self._seen = {region: self.look(region) for region in REGIONS}

    def step(self, defects: Defects) -> str | None:
        """Make a request, or a few at once, and look; return what is wrong, with what led there."""
        region = self._chance.choices(REGIONS, (4, 1))[0]
        if self._leap and self._chance.random() < 0.03:
            self._emulator.clock.advance(self._chance.choice(LEAPS))
            # What has become due is done at the next request.
            for other in REGIONS:
                self._clients[other].describe_events()
        # Mostly one; sometimes the next comes while the first is still under way.
        for _ in range(self._chance.choice((1, 1, 1, 1, 3))):
            operation = self._requests.operation()
            request = self._requests.request(operation, self._names(region))
            self._history.append(f"{region} {operation} {request}")
            if (complaint := self._ask(region, operation, request)) or defects.found:
                return self._told([complaint or "", *defects.found])
        self.settle()
        # A global datastore reaches into other Regions; nothing else does.
        everywhere = any(seen.items["global group"] for seen in self._seen.values())
        self._seen |= {name: self.look(name) for name in (REGIONS if everywhere else (region,))}
        complaints = [*defects.found, *(item for seen in self._seen.values() for item in broken(seen))]
        return self._told(complaints) if complaints else None

    def look(self, region: str) -> Seen:
        """Describe everything in a Region."""
        return look(self._clients[region], self._emulator.account_id)

    def settle(self, patience_seconds: float = 60) -> None:
        """Wait until no job is under way."""
        deadline = time.monotonic() + patience_seconds
        while threads := [item for item in self._jobs() if item.is_alive()]:
            threads[0].join(max(0.0, deadline - time.monotonic()))
            assert time.monotonic() < deadline, f"a job does not end: {threads[0].name}"

    def _jobs(self) -> list[threading.Thread]:
        lifecycle: Any = self._emulator._lifecycle  # pyright: ignore[reportPrivateUsage] - whether it is at rest
        with lifecycle._lock:
            return list(lifecycle._jobs)

    def _ask(self, region: str, operation: str, request: dict[str, Any]) -> str | None:
        self.operations[operation] += 1
        try:
            getattr(self._clients[region], method(operation))(**request)
        except ClientError as error:
            answer: Any = error.response
            code, status = answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
            self.codes[code] += 1
            if status >= SERVER_ERROR or code == "InternalFailure":
                return f"{status} {code}: {answer['Error'].get('Message')}"
        except ResponseParserError as error:
            return f"an answer that cannot be read: {error}"
        else:
            self.codes["taken"] += 1
            self.taken[operation] += 1
        return None

    def _names(self, region: str) -> dict[str, list[str]]:
        seen = self._seen[region]
        names = {kind: seen.names(kind) for kind in KINDS}
        arns = [str(item["ARN"]) for items in seen.items.values() for item in items if "ARN" in item]
        # The parameter groups of AWS's own are many, and hide ours.
        names["parameter group"] = [name for name in names["parameter group"] if not name.startswith("default.")] + [
            "default.valkey8", "default.valkey8.cluster.on", "default.redis7", "default.memcached1.6",
        ]  # fmt: skip
        subnets = self._subnets[region]
        topic = f"arn:aws:sns:{region}:{self._emulator.account_id}:changes"
        return {**names, "arn": arns, "subnet": subnets, "topic": [topic], **self._of_the_service}

    def _offered(self) -> dict[str, list[str]]:
        """Return the names of what AWS has, and nobody makes."""
        client = self._clients[REGIONS[0]]
        offerings = client.describe_reserved_cache_nodes_offerings(MaxRecords=20)["ReservedCacheNodesOfferings"]
        updates = client.describe_service_updates(MaxRecords=20)["ServiceUpdates"]
        return {
            "offering": [item["ReservedCacheNodesOfferingId"] for item in offerings],
            "service update": [item["ServiceUpdateName"] for item in updates],
        }

    def _surroundings(self, region: str) -> list[str]:
        """Make what caches stand in, and what requests may name."""
        client = client_of(self._emulator.endpoint_url, region)
        subnets = make_subnets(client, "abc")
        client("elasticache").create_cache_subnet_group(
            CacheSubnetGroupName="private", CacheSubnetGroupDescription="d", SubnetIds=subnets
        )
        client("sns").create_topic(Name="changes")
        client("logs").create_log_group(logGroupName="/caches")
        if region == REGIONS[0]:
            where: Any = {"LocationConstraint": region}
            client("s3").create_bucket(Bucket="exports", CreateBucketConfiguration=where)
        return subnets

    def _client(self, region: str) -> Any:
        return boto3.client(
            "elasticache",
            endpoint_url=self._emulator.endpoint_url,
            region_name=region,
            aws_access_key_id="ELASTICACHEKITLOCAL0",
            aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
            config=Config(retries={"total_max_attempts": 1}),
        )

    def _told(self, complaints: list[str]) -> str:
        return "\n".join([*filter(None, complaints), "after:", *self._history[-6:]])
