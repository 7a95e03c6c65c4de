"""Connecting, and saying why not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops import inventory, session
from elasticache_kit.ops.session import Capability, read_capability

if TYPE_CHECKING:
    from tests.ops.scripted import Api

# 127.0.0.1:9 is the discard service, which nothing serves.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Take away whatever AWS settings this machine has, and the instance metadata service."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_ELASTICACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def sign_in(environment: pytest.MonkeyPatch) -> None:
    """Set credentials and a region."""
    environment.setenv("AWS_ACCESS_KEY_ID", "test")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
    environment.setenv("AWS_REGION", "eu-west-1")


@contextmanager
def serving(status: int, body: bytes) -> Generator[tuple[str, list[str]]]:
    """Serve one answer to every GET on loopback; yields the URL and the paths that were asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_no_region_is_said() -> None:
    """A missing region is the first thing that goes wrong on a new machine."""
    with pytest.raises(ConnectionFailedError, match=r"^no AWS region is set: pass --region, or set AWS_REGION"):
        session.connect()


@pytest.mark.parametrize(
    ("region", "sentence"),
    [
        ("", "no AWS region is set"),
        ("mars", "'mars' is no AWS Region, such as 'eu-west-1'"),
        ("eu_west_1", "'eu_west_1' is no AWS Region"),
    ],
)
def test_what_is_no_region_is_said(bare_environment: pytest.MonkeyPatch, region: str, sentence: str) -> None:
    """A variable that is set and empty, as a script leaves it, and a slip of the keyboard."""
    bare_environment.setenv("AWS_DEFAULT_REGION", region)

    with pytest.raises(ConnectionFailedError, match=rf"^{sentence}.*: check --region, AWS_REGION"):
        session.connect()


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-east-1", "cn-north-1", "eusc-de-east-1", "us-isob-east-1"])
def test_a_region_of_any_partition_is_one(region: str) -> None:
    """Also one that came after this release."""
    assert session.connect(region=region).region == region


def test_an_empty_variable_leaves_the_region_to_the_next(bare_environment: pytest.MonkeyPatch) -> None:
    """As the AWS CLI does it."""
    bare_environment.setenv("AWS_REGION", "")
    bare_environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert session.connect().region == "eu-west-1"


def test_an_answer_that_no_sdk_can_read_is_said(bare_environment: pytest.MonkeyPatch) -> None:
    """A page of HTML, from a proxy or from an emulator that has broken."""
    sign_in(bare_environment)
    with serving(500, b"<!doctype html><title>500</title>") as (url, _):
        bare_environment.setenv("AWS_ENDPOINT_URL", url)
        api = session.connect()

        with pytest.raises(ConnectionFailedError, match=r"^what answers is no API of AWS.*check AWS_ENDPOINT_URL"):
            inventory.replication_group(api, "orders")


def test_no_credentials_are_said(bare_environment: pytest.MonkeyPatch) -> None:
    """The sentence names both ways out: sign in, or start the local ElastiCache."""
    bare_environment.setenv("AWS_REGION", "eu-west-1")
    api = session.connect()

    with pytest.raises(ConnectionFailedError, match=r"^no AWS credentials were found: .*elasticache-kit emulator up"):
        inventory.replication_group(api, "orders")


def test_an_unknown_profile_is_said() -> None:
    """The profile's name is in the sentence."""
    with pytest.raises(
        ConnectionFailedError, match=r"^the config profile \(nobody\) could not be found: check --profile"
    ):
        session.connect(region="eu-west-1", profile="nobody")


def test_an_endpoint_that_is_no_url_is_said(bare_environment: pytest.MonkeyPatch) -> None:
    """The sentence shows what a good one looks like."""
    bare_environment.setenv("AWS_ENDPOINT_URL", "localhost:5000")

    with pytest.raises(ConnectionFailedError, match=r"^AWS_ENDPOINT_URL cannot be used .*http://127.0.0.1:5000"):
        session.connect(region="eu-west-1")


def test_an_endpoint_where_nobody_listens_is_said(bare_environment: pytest.MonkeyPatch) -> None:
    """An emulator that was not started is the usual reason."""
    sign_in(bare_environment)
    bare_environment.setenv("AWS_ENDPOINT_URL", NOWHERE)
    api = session.connect()

    with pytest.raises(ConnectionFailedError, match=r"cannot be reached .*127.0.0.1:9.*elasticache-kit emulator up"):
        inventory.replication_group(api, "orders")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ExpiredToken", "the AWS credentials have expired: sign in again"),
        ("InvalidClientTokenId", "AWS does not know the access key"),
        ("SignatureDoesNotMatch", "AWS refused the signature"),
        ("Throttling", "AWS throttles DescribeReplicationGroups"),
        ("AccessDenied", "AWS denies DescribeReplicationGroups: not you"),
    ],
)
def test_an_answer_that_keeps_us_out_is_said(api: Api, code: str, sentence: str) -> None:
    """Each way of being kept out has a sentence of its own."""
    api.ask.add_client_error("describe_replication_groups", code, "not you")

    with pytest.raises(ConnectionFailedError, match=rf"^{sentence}"):
        inventory.replication_group(api.session, "orders")


def test_an_error_that_an_operation_understands_passes_through(api: Api) -> None:
    """Only being kept out is translated here."""
    api.ask.add_client_error("describe_events", "InvalidParameterValue", "no", http_status_code=400)

    with pytest.raises(ClientError), session.reaching():
        api.session.ask.describe_events()


def test_a_changing_call_is_never_repeated(bare_environment: pytest.MonkeyPatch) -> None:
    """A TestFailover whose answer got lost has happened all the same."""
    sign_in(bare_environment)
    bare_environment.setenv("AWS_ENDPOINT_URL", NOWHERE)
    api = session.connect()

    assert api.act.meta.config.retries["total_max_attempts"] == 1  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] - botocore's Config is untyped
    assert api.ask.meta.config.retries["total_max_attempts"] > 1  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] - as above


def test_the_record_of_a_local_elasticache_is_read() -> None:
    """Everything that a local endpoint may do beyond AWS is in its record."""
    record = {
        "name": "elasticache-kit",
        "version": "0.1.0",
        "account": "123456789012",
        "profile": "fast",
        "ca_file": "/tmp/ca.pem",  # noqa: S108 - only a text here
        "faults": ["partition"],
    }
    with serving(200, json.dumps(record).encode()) as (url, paths):
        capability = read_capability(url)

    assert capability == Capability("0.1.0", "123456789012", "fast", "/tmp/ca.pem", ("partition",))  # noqa: S108 - as above
    assert paths == ["/moto-api/elasticache-kit"]


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"{}"), (200, b"<html>"), (200, b"[1]"), (200, b'{"name": "another"}'), (500, b"")]
)
def test_any_other_answer_means_aws(status: int, body: bytes) -> None:
    """Only the record itself says local."""
    with serving(status, body) as (url, _):
        assert read_capability(url) is None


def test_nobody_at_the_endpoint_means_aws() -> None:
    """The operation that follows says that nobody is there."""
    assert read_capability(NOWHERE) is None


def test_aws_itself_is_not_asked_for_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stray request leaves for AWS; any other name is looked up."""
    names: list[str] = []

    def look_up(name: str, *_rest: object, **_more: object) -> None:
        names.append(name)
        raise socket.gaierror(name)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    assert read_capability("https://elasticache.us-east-1.amazonaws.com") is None
    assert read_capability("https://elasticache.example") is None
    assert names == ["elasticache.example"]
