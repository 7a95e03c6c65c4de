"""Failures of botocore: to reach AWS, to enter it, or of an API that does not know an operation, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus

from botocore import exceptions
from botocore.parsers import ResponseParserError

from elasticache_kit.errors import ConnectionFailedError, NotOfferedError

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
    except ResponseParserError as error:
        # A proxy, a page of somebody else's, or an emulator that has broken: the whole page helps nobody.
        raise ConnectionFailedError(
            "what answers is no API of AWS, or it has broken (the answer cannot be read): check AWS_ENDPOINT_URL and "
            "the Region; a local ElastiCache says why in its emulator.log, see `elasticache-kit emulator status`"
        ) from error
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
