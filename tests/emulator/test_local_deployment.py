"""An emulator that is there for as long as a block, and the CDK CLI that leads to it; `make demo` shows the rest."""

from __future__ import annotations

import os
import signal
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from elasticache_kit.emulator.local_deployment import DeploymentFailedError, local_deployment

pytestmark = pytest.mark.cli


def test_a_deployment_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """The error has what the CLI printed; emulator, folder and signal handlers are as before."""
    told: list[str] = []

    def telling(what: str) -> AbstractContextManager[object]:
        told.append(what)
        return nullcontext()

    (tmp_path / "cdk.json").write_text('{"app": "echo there is no app here >&2; exit 1"}')
    before = signal.getsignal(signal.SIGTERM)

    with local_deployment(tmp_path, telling=telling) as place:
        environment = place.environment("us-east-1")
        with pytest.raises(DeploymentFailedError, match="there is no app here"):
            place.synthesize()

    assert told == ["starting the local ElastiCache", "cdk synth", "stopping the local ElastiCache"]
    assert (environment["AWS_ENDPOINT_URL"], environment["AWS_REGION"]) == (place.running.endpoint_url, "us-east-1")
    assert "ELASTICACHE_KIT_CA_FILE" in environment
    with pytest.raises(ProcessLookupError):
        os.kill(place.running.pid, 0)
    assert not place.directory.exists()
    assert signal.getsignal(signal.SIGTERM) == before
