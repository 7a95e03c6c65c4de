"""Serverless: one endpoint with TLS and IAM, whatever is behind it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from elasticache_kit.cache import connect
from elasticache_kit.model.environment import CacheEnvironment
from tour.promise import require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "serverless"
KEYS = 100


def check(place: Place) -> str:
    """Write at the endpoint, and read at the reader endpoint."""
    for name in ("Endpoint", "ReaderEndpoint"):
        endpoint = place.endpoint(STACK, name)
        environment = CacheEnvironment(
            endpoint=endpoint.address,
            port=endpoint.port,
            topology="cluster-mode-enabled",
            serverless=True,
            ca_file=os.environ["ELASTICACHE_KIT_CA_FILE"],
            auth="iam",
            user=place.output(STACK, "ApplicationUserName"),
            cache_name=place.output(STACK, "ServerlessCacheName"),
            region=os.environ["AWS_REGION"],
        )
        with connect(environ=environment.to_env(), decode_responses=True) as client:
            for number in range(KEYS if name == "Endpoint" else 0):
                client.set(f"serverless:{number}", number)
            read = [client.get(f"serverless:{number}") for number in range(KEYS)]
        require(read == [str(number) for number in range(KEYS)], f"{name} does not give what was written")
    return f"{KEYS} keys written at the endpoint and read at the reader endpoint, signed in with IAM"
