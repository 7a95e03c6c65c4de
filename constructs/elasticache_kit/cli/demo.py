"""`elasticache-kit demo`: deploy this repository's app locally, kill a primary under load, show what the client saw."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator import cdk_cli, daemon, local_environment
from elasticache_kit.errors import ElastiCacheKitError

STACK = "elasticache-kit-replication-group"
OUTPUT = "ReplicationGroupId"
LOG_LINES = 30


class DemoFailedError(ElastiCacheKitError):
    """A step of the demonstration did not end as it should."""


@click.command(epilog="\b\nExample:\n  elasticache-kit demo")
@click.option(
    "--app",
    "root",
    type=click.Path(exists=True, path_type=Path, file_okay=False),
    default=".",
    help="The folder with cdk.json.  [default: this one]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where the report goes.",
)
@click.option("--stack", default=STACK, show_default=True, help="The stack to deploy, with what it depends on.")
def demo(root: Path, report: Path, stack: str) -> None:
    """Deploy a replication group to a local ElastiCache, fail it over under load, write a report, tear down."""
    # A polite kill and a closed terminal take the same way out as Ctrl-C: through every `finally`.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with tempfile.TemporaryDirectory(prefix="elasticache-kit-demo-") as folder:
        directory = Path(folder)
        running: daemon.Running | None = None
        try:
            with Progress("starting the local ElastiCache"):
                running = daemon.start(directory, ["--port", "0"], bound=True)
            code = _run(root.resolve(), report.resolve(), stack, running)
        finally:
            # `running` is unknown where the start was interrupted; the process has written its name down by itself.
            running = running or daemon.find(directory)
            if running is not None:
                with Progress("stopping the local ElastiCache"):
                    daemon.stop(running)
    sys.exit(code)


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


def _run(root: Path, report: Path, stack: str, running: daemon.Running) -> int:
    directory = Path(running.directory)
    log, assembly = directory / "cdk.log", directory / "cdk.out"
    outputs = directory / "outputs.json"

    def cdk(what: str, *arguments: str) -> None:
        log.write_bytes(b"")
        with Progress(what):
            code = cdk_cli.run(
                [*arguments, "--no-notices"], running.endpoint_url, home=directory / "cdk", log=log, cwd=root
            )
            if code:
                lines = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
                raise DemoFailedError("\n".join([f"{what} failed: `cdk {arguments[0]}` ended with {code}:", *lines]))

    # One synthesis serves all the calls: it is most of what a deployment costs.
    cdk("cdk synth", "synth", "--quiet", "--output", str(assembly))
    app = ("--app", str(assembly))
    cdk("cdk bootstrap", "bootstrap", *app)
    cdk("cdk deploy", "deploy", stack, *app, "--require-approval", "never", "--outputs-file", str(outputs))
    group = json.loads(outputs.read_text())[stack][OUTPUT]
    code = _drill(group, report, running)
    cdk("cdk destroy", "destroy", "--all", "--force", *app)
    return code


def _drill(group: str, report: Path, running: daemon.Running) -> int:
    """Run the drill as a user would: in a process of its own, over the wire, knowing nothing of the emulator."""
    environment = local_environment.environment(running.endpoint_url, home=Path(running.directory) / "cdk")
    local_environment.prove(environment)
    if ca_file := daemon.said(running).get("ca_file"):
        environment["ELASTICACHE_KIT_CA_FILE"] = ca_file
    arguments = ["drill", "run", "failover", group, "--report", str(report)]
    process = subprocess.Popen(
        [sys.executable, "-m", "elasticache_kit.cli", *arguments], env={**environment, "PYTHONUNBUFFERED": "1"}
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told the drill as well: it cleans up and ends.
        process.wait()
        raise
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
