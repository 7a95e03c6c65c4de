"""The Region that requests are made in: what they name is made here first, through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.emulator.wire import make_subnets

REGION = "eu-west-1"
RULES_HEADER = "x-elasticache-kit-rules"
LETTERS = "abc"


class World:
    """A client of ElastiCache that checks nothing itself, and what stands around a cache.

    Args:
        endpoint_url: where the API answers.
    """

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self.elasticache = self.client("elasticache")
        self.subnets = dict(zip(LETTERS, make_subnets(self.client, LETTERS), strict=True))
        self._subnet_groups: set[str] = set()
        self._parameter_groups: dict[tuple[object, ...], str] = {}

    def client(self, service: str) -> Any:
        """Return a client that sends whatever it is given: what the SDK refuses would never reach the rules."""
        return boto3.client(
            service,
            endpoint_url=self._endpoint_url,
            region_name=REGION,
            aws_access_key_id="ELASTICACHEKITLOCAL0",
            aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )

    def call(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Make a request and return what came of it."""
        try:
            getattr(self.elasticache, operation)(**request)
        except ClientError as error:
            return Answer(error)
        return Answer(None)

    def subnet_group(self, letters: str) -> str:
        """Return the name of the subnet group of some zones."""
        name = f"net-{letters}"
        if name not in self._subnet_groups:
            self.elasticache.create_cache_subnet_group(
                CacheSubnetGroupName=name,
                CacheSubnetGroupDescription="d",
                SubnetIds=[self.subnets[letter] for letter in letters],
            )
            self._subnet_groups.add(name)
        return name

    def parameter_group(self, family: str, values: Mapping[str, str]) -> str:
        """Return the name of a parameter group of a family that sets some values."""
        key = (family, *sorted(values.items()))
        if key not in self._parameter_groups:
            name = f"own-{len(self._parameter_groups)}"
            self.elasticache.create_cache_parameter_group(
                CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description="d"
            )
            if values:
                self.elasticache.modify_cache_parameter_group(
                    CacheParameterGroupName=name,
                    ParameterNameValues=[
                        {"ParameterName": parameter, "ParameterValue": value} for parameter, value in values.items()
                    ],
                )
            self._parameter_groups[key] = name
        return self._parameter_groups[key]


class Answer:
    """What the API said to a request.

    Args:
        error: what it refused with; None where it accepted.
    """

    def __init__(self, error: ClientError | None) -> None:
        response: Any = {} if error is None else error.response
        told: Mapping[str, str] = response.get("Error", {})
        headers: Mapping[str, str] = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        self.accepted = error is None
        self.code = told.get("Code", "")
        self.message = told.get("Message", "")
        self.rules = {rule for rule in headers.get(RULES_HEADER, "").split(", ") if rule}

    @property
    def not_yet(self) -> bool:
        """Whether it was refused for what the local emulator has no answer to."""
        return "not implemented by the local emulator yet" in self.message

    def __str__(self) -> str:
        return "accepted" if self.accepted else f"{self.code} [{', '.join(sorted(self.rules))}]: {self.message}"
