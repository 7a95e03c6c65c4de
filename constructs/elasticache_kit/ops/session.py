"""The one place that makes boto3 clients, and that turns their failures to connect into sentences."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config

from elasticache_kit import __version__
from elasticache_kit.errors import ConnectionFailedError, NotOfferedError
from elasticache_kit.ops.resolver import Resolver

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_elasticache import ElastiCacheClient

CAPABILITY_PATH = "/moto-api/elasticache-kit"
_CAPABILITY_TIMEOUT_SECONDS = 2.0
_AWS_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")

_ASK = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra=f"elasticache-kit/{__version__}",
)
# A call that changes something is never repeated: a TestFailover whose answer got lost has happened all the same.
_ACT = _ASK.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))

_START_EMULATOR = "for the local ElastiCache run `elasticache-kit emulator up` and set the variables that it prints"
_SIGN_IN_AGAIN = "sign in again (`aws sso login`) or renew the credentials in the environment"

_BAD_CREDENTIALS = {
    "ExpiredToken": f"the AWS credentials have expired: {_SIGN_IN_AGAIN}",
    "ExpiredTokenException": f"the AWS credentials have expired: {_SIGN_IN_AGAIN}",
    "RequestExpired": f"the AWS credentials have expired, or this machine's clock is wrong: {_SIGN_IN_AGAIN}",
    "InvalidClientTokenId": "AWS does not know the access key: check AWS_PROFILE or AWS_ACCESS_KEY_ID",
    "UnrecognizedClientException": "AWS does not know the access key: check AWS_PROFILE or AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "AWS refused the signature: check AWS_SECRET_ACCESS_KEY and this machine's clock",
}


@dataclass(frozen=True, slots=True)
class Capability:
    """What a local ElastiCache says of itself; AWS says nothing.

    Args:
        version: the version of elasticache-kit that serves it.
        account: its account id.
        profile: its timing profile (`instant`, `fast`, `aws`).
        ca_file: the certificate authority that its TLS endpoints are signed by; None when it has none.
        resolver: knows the names of its endpoints; None where they are addresses.
        faults: the names of the faults that it can produce beyond the ElastiCache API.
    """

    version: str
    account: str
    profile: str
    ca_file: str | None
    faults: tuple[str, ...]
    resolver: Resolver | None = None


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
            make: Any = (self.factory or boto3.session.Session()).client
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
        factory = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"), profile_name=profile)
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
        factory = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"), profile_name=profile)
        return factory.client("cloudformation", config=_ASK)


def account(*, region: str | None = None, profile: str | None = None) -> str:
    """Return the id of the account that the credentials of the environment belong to.

    Raises:
        ConnectionFailedError: as for `connect`, or AWS does not tell.
    """
    with reaching():
        factory = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"), profile_name=profile)
        return factory.client("sts", config=_ASK).get_caller_identity()["Account"]


def read_capability(endpoint_url: str) -> Capability | None:
    """Return the capability record behind an endpoint, or None where there is none, which means AWS."""
    host = urlsplit(endpoint_url).hostname or ""
    if host.endswith(_AWS_SUFFIXES):
        return None
    # Without a proxy: a local endpoint is on this machine, and a proxy would look for it on its own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(endpoint_url.rstrip("/") + CAPABILITY_PATH, timeout=_CAPABILITY_TIMEOUT_SECONDS) as response:
            record = json.load(response)
    except (OSError, ValueError):
        return None
    return _capability(cast("Mapping[str, object]", record)) if isinstance(record, dict) else None


def _capability(record: Mapping[str, object]) -> Capability | None:
    if record.get("name") != "elasticache-kit":
        return None
    ca_file, faults = record.get("ca_file"), record.get("faults")
    return Capability(
        version=str(record.get("version", "")),
        account=str(record.get("account", "")),
        profile=str(record.get("profile", "")),
        ca_file=str(ca_file) if ca_file else None,
        resolver=_resolver(record.get("resolver")),
        faults=tuple(str(fault) for fault in cast("list[object]", faults)) if isinstance(faults, list) else (),
    )


def _resolver(given: object) -> Resolver | None:
    match given:
        case {"host": str(host), "port": int(port), "domain": str(domain), "ttl": int(ttl)}:
            return Resolver(host, port, domain, ttl)
        case _:
            return None


def code(error: exceptions.ClientError) -> str:
    """Return the API's error code, for example `ReplicationGroupNotFoundFault`."""
    return error.response.get("Error", {}).get("Code", "")


def message(error: exceptions.ClientError) -> str:
    """Return the API's error message as it came."""
    return error.response.get("Error", {}).get("Message", "") or str(error)


@contextmanager
def reaching() -> Generator[None]:
    """Turn botocore's failures to reach or to enter AWS into one sentence each.

    Other errors of the API pass through, for the operation knows what they mean.

    Raises:
        ConnectionFailedError: no credentials, no region, no endpoint, no answer, or no permission.
        NotOfferedError: whoever answers does not know the operation.
    """
    try:
        yield
    except NotImplementedError as error:
        # So says moto inside this process, and nothing else that boto3 leads to.
        raise NotOfferedError(_not_offered(str(error))) from error
    except exceptions.ClientError as error:
        if _unknown_operation(error):
            raise NotOfferedError(_not_offered(f"{error.operation_name}: {message(error)}")) from error
        sentence = _refused(error)
        if sentence is None:
            raise
        raise ConnectionFailedError(sentence) from error
    except (exceptions.BotoCoreError, ValueError) as error:
        raise ConnectionFailedError(_unreached(error)) from error


def _unknown_operation(error: exceptions.ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status == HTTPStatus.NOT_IMPLEMENTED or code(error) in {"InvalidAction", "UnknownOperationException"}


def _not_offered(detail: str) -> str:
    return (
        f"the API that answers does not know this operation ({detail.rstrip('.')}): moto alone has only a part of "
        f"ElastiCache; {_START_EMULATOR}"
    )


def _refused(error: exceptions.ClientError) -> str | None:
    if code(error) in _BAD_CREDENTIALS:
        return _BAD_CREDENTIALS[code(error)]
    if code(error) in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}:
        return f"AWS denies {error.operation_name}: {message(error)}"
    if code(error) in {"Throttling", "ThrottlingException", "RequestLimitExceeded"}:
        return f"AWS throttles {error.operation_name}: wait a minute and try again"
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{error.operation_name} failed inside the API: {message(error)}"
    return None


def _unreached(error: exceptions.BotoCoreError | ValueError) -> str:
    unknown = f"the ElastiCache API did not answer as one: {error}; check AWS_ENDPOINT_URL"
    return next((sentence(error) for kinds, sentence in _SENTENCES if isinstance(error, kinds)), unknown)


_SENTENCES: tuple[tuple[tuple[type[Exception], ...], Callable[[Exception], str]], ...] = (
    (
        (exceptions.NoCredentialsError, exceptions.PartialCredentialsError),
        lambda _: (
            "no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            f"or run `aws sso login`; {_START_EMULATOR}"
        ),
    ),
    (
        (exceptions.NoRegionError,),
        lambda _: "no AWS region is set: pass --region, or set AWS_REGION, or a region in the profile",
    ),
    (
        (exceptions.ProfileNotFound,),
        lambda error: f"{str(error)[:1].lower()}{str(error)[1:]}: check --profile, AWS_PROFILE and ~/.aws/config",
    ),
    (
        (
            exceptions.CredentialRetrievalError,
            exceptions.TokenRetrievalError,
            exceptions.UnauthorizedSSOTokenError,
            exceptions.SSOTokenLoadError,
        ),
        lambda error: f"the AWS credentials could not be renewed: {_SIGN_IN_AGAIN} ({error})",
    ),
    (
        (exceptions.HTTPClientError, exceptions.ConnectionError),
        lambda error: (
            f"AWS cannot be reached ({str(error).rstrip('.')}): "
            f"check AWS_ENDPOINT_URL and the network; {_START_EMULATOR}"
        ),
    ),
    (
        (ValueError,),
        lambda error: f"AWS_ENDPOINT_URL cannot be used ({error}): it looks like http://127.0.0.1:5000",
    ),
)
