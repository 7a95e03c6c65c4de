"""The command inside this process, in front of an account inside this process: quick, and without engines."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from elasticache_kit.cli import main
from tests.ops.completed import REGION


def invoke(*words: str, region: str | None = REGION, **environment: str) -> Result:
    """Run the command to its end; a defect is raised."""
    where = ("--region", region) if region else ()
    return CliRunner(env=environment).invoke(main, [*words, *where], catch_exceptions=False)


def document(*words: str, **environment: str) -> Any:
    """Return what the command tells programs, of a command that must succeed."""
    done = invoke(*words, "--output", "json", **environment)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)
