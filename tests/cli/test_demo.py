"""`elasticache-kit demo`: the whole path in one command, and never a step off this machine."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.descendant import MARK, left_of

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.engine, pytest.mark.cli, pytest.mark.calm]


class Canary(socketserver.ThreadingTCPServer):
    """A listener in AWS's place: whoever connects to it would have left this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        self.visits: list[bytes] = []
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    def finish_request(self, request: object, client_address: object) -> None:
        """Remember a visit and hang up."""
        del request
        self.visits.append(repr(client_address).encode())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A canary that listens."""
    with Canary() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_demonstration_stays_local_whatever_the_user_is_signed_in_to(tmp_path: Path, canary: Canary) -> None:
    """With credentials that look real, a profile, endpoints elsewhere: it deploys, drills, reports, leaves nothing."""
    touched = tmp_path / "credentials-were-asked-for"
    config = tmp_path / "aws config"
    config.write_text(f"[profile production]\nregion = us-east-1\ncredential_process = touch '{touched}'\n")
    mark = f"{MARK}={tmp_path}"
    environment = {
        **os.environ,
        MARK: str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real-secret",
        "AWS_SESSION_TOKEN": "real-token",
        "AWS_PROFILE": "production",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": canary.url,
        "AWS_ENDPOINT_URL_STS": canary.url,
        "AWS_ENDPOINT_URL_S3": canary.url,
        "AWS_ENDPOINT_URL_ELASTICACHE": canary.url,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": canary.url,
        "HTTP_PROXY": canary.url,
        "HTTPS_PROXY": canary.url,
        "https_proxy": canary.url,
        "NO_PROXY": "",
    }
    report = tmp_path / "a report"

    done = subprocess.run(
        [sys.executable, "-m", "elasticache_kit.cli", "demo", "--report", str(report)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=170,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert canary.visits == []
    assert not touched.exists()
    assert "PASSED" in done.stdout
    assert json.loads((report / "report.json").read_text())["verdict"] == "passed"
    assert left_of(mark) == []


def test_the_canary_sees_who_leaves(canary: Canary) -> None:
    """Negative control: the same environment without the guard does reach the canary."""
    code = "import boto3; boto3.client('sts', region_name='us-east-1').get_caller_identity()"
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real-secret",
        "AWS_ENDPOINT_URL": canary.url,
        "AWS_MAX_ATTEMPTS": "1",
    }

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)

    assert done.returncode != 0
    assert canary.visits
