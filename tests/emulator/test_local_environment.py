"""A local command proves that it is local, or does nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator import local_environment
from elasticache_kit.errors import NotLocalError

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

REAL = {
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real-secret",
    "AWS_SESSION_TOKEN": "real-token",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL_STS": "https://sts.eu-west-1.amazonaws.com",
    "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/production",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
    "CDK_DEFAULT_ACCOUNT": "111111111111",
    "CDKAPP": "other",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "PATH": "/usr/bin",
    "LANG": "C",
}


def test_no_credential_of_the_user_is_left(tmp_path: Path) -> None:
    """Keys, token, profile, role, endpoints and CDK variables of the caller are gone; the rest stays."""
    made = local_environment.environment("http://127.0.0.1:1", home=tmp_path, base=REAL)

    assert not {value for name, value in REAL.items() if name not in ("PATH", "LANG")} & set(made.values())
    assert "AWS_PROFILE" not in made
    assert "AWS_SESSION_TOKEN" not in made
    assert "CDKAPP" not in made
    assert (made["PATH"], made["LANG"]) == ("/usr/bin", "C")


def test_what_does_not_go_to_the_emulator_goes_nowhere(tmp_path: Path) -> None:
    """Every way out leads to a closed port of this machine."""
    made = local_environment.environment("http://127.0.0.1:1", home=tmp_path, base=REAL)

    assert made["HTTPS_PROXY"] == made["HTTP_PROXY"] == "http://127.0.0.1:9"
    assert "127.0.0.1" in made["NO_PROXY"].split(",")


def test_an_emulator_is_proved(control_plane: Emulator, tmp_path: Path) -> None:
    """The account that STS names through the endpoint is the emulator's."""
    made = local_environment.environment(control_plane.endpoint_url, home=tmp_path, base=REAL)

    assert local_environment.prove(made) == control_plane.account_id


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AWS_ENDPOINT_URL": "https://elasticache.eu-west-1.amazonaws.com"}, "not on this machine"),
        ({"AWS_ENDPOINT_URL": ""}, "not set"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not answer as an emulator"),
        ({"AWS_PROFILE": "production"}, "AWS_PROFILE is set"),
        ({"AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"}, "AWS_ENDPOINT_URL_S3 is set"),
    ],
)
def test_what_could_lead_elsewhere_is_refused(
    control_plane: Emulator, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    """Each doubt is a refusal that names its cause."""
    made = {**local_environment.environment(control_plane.endpoint_url, home=tmp_path, base=REAL), **change}

    with pytest.raises(NotLocalError, match=message):
        local_environment.prove(made)


@pytest.fixture
def stranger() -> Iterator[str]:
    """A local server that is no emulator: a proxy to AWS would look like this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"name": "something else"}')

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_local_server_that_is_no_emulator_is_refused(stranger: str, tmp_path: Path) -> None:
    """An address on this machine is not enough: a forwarder to AWS has one too."""
    made = local_environment.environment(stranger, home=tmp_path, base=REAL)

    with pytest.raises(NotLocalError, match="is not an emulator of elasticache-kit"):
        local_environment.prove(made)


def test_the_users_home_is_not_read(tmp_path: Path) -> None:
    """A profile in ~/.cdk.json would lead the CLI to it; what jsii has unpacked there is still used."""
    made = local_environment.environment("http://127.0.0.1:1", home=tmp_path, base={**REAL, "HOME": "/home/someone"})

    assert made["HOME"] == str(tmp_path)
    assert made["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == "/home/someone/.cache/aws/jsii/package-cache"
