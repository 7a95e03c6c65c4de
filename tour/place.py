"""Where the tour is: the deployed stacks, and how to reach what is in them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
from valkey import Valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.ops import inventory, session
from elasticache_kit.ops.inventory import Endpoint, ReplicationGroup
from tour.promise import BrokenError

POLL_SECONDS = 0.05
ANSWER_SECONDS = 5.0
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Place:
    """The local ElastiCache with all stacks deployed.

    The environment of this process leads there and nowhere else, see `__main__`, so clients need no arguments.

    Args:
        outputs: the outputs of each stack.
        directory: where something may be written.
        prefix: what the names of the stacks of this repository begin with.
        patience_seconds: how long to wait for what must come.
    """

    outputs: Mapping[str, Mapping[str, str]]
    directory: Path
    prefix: str = "elasticache-kit-"
    patience_seconds: float = 60.0
    _clients: dict[tuple[str, str | None], Any] = field(default_factory=dict[tuple[str, str | None], Any])

    def output(self, stack: str, name: str) -> str:
        """Return an output of a stack of this repository, or of an example by its whole name."""
        return (self.outputs.get(self.prefix + stack) or self.outputs[stack])[name]

    def endpoint(self, stack: str, name: str) -> Endpoint:
        """Return an output that is an endpoint."""
        address, _, port = self.output(stack, name).rpartition(":")
        return Endpoint(address, int(port))

    def group(self, replication_group_id: str, region: str | None = None) -> ReplicationGroup:
        """Return a replication group as it is now."""
        return inventory.replication_group(session.connect(region=region), replication_group_id)

    def aws(self, service: str, region: str | None = None) -> Any:
        """Return a client of boto3."""
        if (service, region) not in self._clients:
            self._clients[service, region] = boto3.client(service, region_name=region)
        return self._clients[service, region]

    def connect(self, endpoint: Endpoint | None) -> Any:
        """Return a client of valkey-py, which is not typed, for one node or endpoint; it verifies the certificate."""
        return Valkey(**_options(endpoint))

    def connect_cluster(self, endpoint: Endpoint | None) -> Any:
        """Return a client that knows of shards."""
        return ValkeyCluster(**_options(endpoint))

    def run(self, *arguments: str) -> str:
        """Run `elasticache-kit` as an operator would, and return what it printed.

        Raises:
            BrokenError: it ended with an error; the message has what it said.
        """
        done = self.ask(*arguments)
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise BrokenError(f"`elasticache-kit {' '.join(arguments)}` ended with {done.returncode}: {said}")
        return done.stdout

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `elasticache-kit` as an operator would, and return how it ended."""
        return subprocess.run(
            [sys.executable, "-m", "elasticache_kit.cli", *arguments],
            env={**os.environ, "ELASTICACHE_KIT_LEDGER": str(self.directory / "failovers.jsonl")},
            check=False, text=True, capture_output=True,
        )  # fmt: skip

    def until(self, look: Callable[[], Seen], done: Callable[[Seen], object], what: str) -> Seen:
        """Look again and again until what is seen will do, and return it.

        Args:
            look: looks.
            done: says whether it will do.
            what: what is waited for, for the error.

        Raises:
            BrokenError: it did not come in time.
        """
        deadline = time.monotonic() + self.patience_seconds
        while not done(seen := look()):
            if time.monotonic() > deadline:
                raise BrokenError(f"{what}: not within {self.patience_seconds:g} s, but {seen}")
            time.sleep(POLL_SECONDS)
        return seen


def _options(endpoint: Endpoint | None) -> dict[str, Any]:
    if endpoint is None:
        raise BrokenError("there is no endpoint")
    return {
        "host": endpoint.address,
        "port": endpoint.port,
        "ssl": True,
        "ssl_ca_certs": os.environ["ELASTICACHE_KIT_CA_FILE"],
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "decode_responses": True,
    }
