"""The one place that makes boto3 clients, and that turns their failures to connect into sentences."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config

from elasticache_kit import __version__
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops.capability import CAPABILITY_PATH, Capability, read_capability
from elasticache_kit.ops.failure import code, message, reaching

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_elasticache import ElastiCacheClient

# What operations need beside a session, they find here as well.
__all__ = [
    "CAPABILITY_PATH",
    "Capability",
    "Session",
    "account",
    "cloudformation",
    "code",
    "connect",
    "message",
    "reaching",
    "read_capability",
]

# us-gov-west-1 and eusc-de-east-1 are the longest kinds.
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
_ASK = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra=f"elasticache-kit/{__version__}",
)
# A call that changes something is never repeated: a TestFailover whose answer got lost has happened all the same.
_ACT = _ASK.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


@dataclass(frozen=True, slots=True)
class Session:
    """ElastiCache's API as operations use it.

    Args:
        ask: a client for calls that only read; it retries.
        act: a client for calls that change something; it never retries.
        region: the AWS region.
        endpoint_url: where the API is.
        capability: the record of a local ElastiCache; None means AWS.
        factory: makes clients of other services and Regions; those of the environment when omitted.
    """

    ask: ElastiCacheClient
    act: ElastiCacheClient
    region: str
    endpoint_url: str
    capability: Capability | None = None
    factory: boto3.session.Session | None = None

    @property
    def where(self) -> str:
        """The API's place in words, for messages."""
        return self.region if self.capability is None else f"the local ElastiCache ({self.region})"

    def changing(self, service: str, region: str | None = None) -> Any:
        """Return a client for calls that change something; it never retries.

        Args:
            service: as boto3 names it, for example `secretsmanager`.
            region: the Region of this session when omitted.
        """
        return (
            self.act
            if service == "elasticache" and region in {None, self.region}
            else self._client(service, region, _ACT)
        )

    def reading(self, service: str, region: str | None = None) -> Any:
        """Return a client for calls that only read; it retries.

        Args:
            service: as boto3 names it, for example `cloudwatch`.
            region: the Region of this session when omitted.
        """
        return (
            self.ask
            if service == "elasticache" and region in {None, self.region}
            else self._client(service, region, _ASK)
        )

    def elsewhere(self, region: str) -> Session:
        """Return the same account in another Region."""
        if region == self.region:
            return self
        ask = self._client("elasticache", region, _ASK)
        act = self._client("elasticache", region, _ACT)
        return Session(ask, act, region, ask.meta.endpoint_url, self.capability, self.factory)

    def _client(self, service: str, region: str | None, config: Config) -> Any:
        with reaching():
            make: Any = (self.factory or _factory()).client
            return make(service, region_name=region or self.region, config=config)


def connect(*, region: str | None = None, profile: str | None = None) -> Session:
    """Make a session from the environment, as every AWS tool does.

    Args:
        region: AWS_REGION, AWS_DEFAULT_REGION or the profile's region when omitted.
        profile: AWS_PROFILE or the default profile when omitted.

    Raises:
        ConnectionFailedError: no region, no such profile, or a malformed AWS_ENDPOINT_URL.
    """
    with reaching():
        factory = _factory(region, profile)
        ask: ElastiCacheClient = factory.client("elasticache", config=_ASK)
        act: ElastiCacheClient = factory.client("elasticache", config=_ACT)
    endpoint_url = ask.meta.endpoint_url
    return Session(ask, act, ask.meta.region_name, endpoint_url, read_capability(endpoint_url), factory)


def cloudformation(*, region: str | None = None, profile: str | None = None) -> CloudFormationClient:
    """Make a client of CloudFormation for calls that only read, from the environment as `connect` does.

    Raises:
        ConnectionFailedError: as for `connect`.
    """
    with reaching():
        factory = _factory(region, profile)
        return factory.client("cloudformation", config=_ASK)


def account(*, region: str | None = None, profile: str | None = None) -> str:
    """Return the id of the account that the credentials of the environment belong to.

    Raises:
        ConnectionFailedError: as for `connect`, or AWS does not tell.
    """
    with reaching():
        factory = _factory(region, profile)
        return factory.client("sts", config=_ASK).get_caller_identity()["Account"]


def _factory(region: str | None = None, profile: str | None = None) -> boto3.session.Session:
    # Half of what a command that only shows its help would import.
    import boto3  # noqa: PLC0415 - see above

    session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION") or None, profile_name=profile)
    # botocore takes an AWS_DEFAULT_REGION that is empty for a Region, and any word for the name of one.
    named = cast("str | None", session.region_name)  # the stubs leave None out
    if named is not None and not _REGION.fullmatch(named):
        wrong = "no AWS region is set" if not named else f"{named!r} is no AWS Region, such as 'eu-west-1'"
        raise ConnectionFailedError(f"{wrong}: check --region, AWS_REGION, AWS_DEFAULT_REGION and the profile")
    return session
