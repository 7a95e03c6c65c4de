"""`elasticache-kit emulator`: the local ElastiCache."""

from __future__ import annotations

import json
import logging
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator import daemon, local_environment
from elasticache_kit.emulator.lifecycle import TIMINGS
from elasticache_kit.errors import EmulatorError

DEFAULT_PORT = 5055

directory_option = click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where it keeps what it writes.  [default: $XDG_STATE_HOME/elasticache-kit]",
)


@click.group()
def emulator() -> None:
    """Run a local ElastiCache: moto, completed, over real engine processes.

    \b
    Example:
      elasticache-kit emulator up
      eval "$(elasticache-kit emulator env)"
      aws elasticache describe-replication-groups
    """


@emulator.command()
@directory_option
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="Port of the API; 0 takes a free one.")  # fmt: skip
@click.option("--timing", type=click.Choice(list(TIMINGS)), default="fast", show_default=True, help="How long things take.")  # fmt: skip
@click.option("--no-engines", is_flag=True, help="Answer the API only, start no engine.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print the result.")
def up(directory: Path | None, port: int, timing: str, output: str, *, no_engines: bool) -> None:
    """Start the emulator in the background."""
    where = _absolute(directory)
    running = daemon.find(where)
    if running is None:
        arguments = ["--port", str(port), "--timing", timing, *(["--no-engines"] if no_engines else [])]
        with Progress("starting the emulator"):
            running = daemon.start(where, arguments)
        click.echo(f"The emulator runs at {running.endpoint_url} (process {running.pid}).", err=True)
    else:
        click.echo(f"An emulator runs already at {running.endpoint_url} (process {running.pid}).", err=True)
    if output == "json":
        click.echo(json.dumps(_state(running)))
    else:
        click.echo(_exports(running))


@emulator.command()
@directory_option
def down(directory: Path | None) -> None:
    """Stop the emulator and every engine that it started."""
    running = daemon.find(_absolute(directory))
    if running is None:
        click.echo("No emulator runs.", err=True)
        return
    with Progress("stopping the emulator"):
        daemon.stop(running)
    click.echo(f"The emulator at {running.endpoint_url} has stopped.", err=True)


@emulator.command()
@directory_option
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print the result.")
def status(directory: Path | None, output: str) -> None:
    """Say whether the emulator runs; exit with 1 where it does not."""
    where = _absolute(directory)
    running = daemon.find(where)
    state = _state(running) if running else {"running": False, "directory": str(where)}
    if output == "json":
        click.echo(json.dumps(state))
    elif running:
        click.echo(f"running    {state['endpoint_url']}\nprocess    {state['pid']}\ndirectory  {state['directory']}")
        click.echo(f"timing     {state.get('profile')}\nengines    {len(state.get('engine_pids', []))} processes")
        click.echo("memory     state is kept in memory: it is gone when the emulator stops")
    else:
        click.echo(f"not running (directory {where})")
    sys.exit(0 if running else 1)


@emulator.command()
@directory_option
def env(directory: Path | None) -> None:
    """Print shell commands that lead AWS tools to the emulator."""
    click.echo(_exports(_require(directory)))


@emulator.command(hidden=True)
@directory_option
@click.option("--port", type=int, default=DEFAULT_PORT)
@click.option("--timing", type=click.Choice(list(TIMINGS)), default="fast")
@click.option("--no-engines", is_flag=True)
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
def serve(directory: Path | None, port: int, timing: str, *, no_engines: bool, until_eof: bool) -> None:
    """Run the emulator in this process until it is told to stop."""
    # The handlers stand before anything starts: a Ctrl-C in the middle of the start must clean up as well.
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    if until_eof:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), stopping.set()), daemon=True).start()
    from elasticache_kit.emulator.server import Emulator  # noqa: PLC0415 - moto takes a second to import

    where = _absolute(directory)
    where.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with Emulator(where, port=port, timing=TIMINGS[timing], engines=not no_engines) as running:
        daemon.remember(where, running.endpoint_url)
        try:
            stopping.wait()
        finally:
            daemon.forget(where)


@emulator.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@directory_option
@click.option("--region", default=local_environment.DEFAULT_REGION, show_default=True, help="The region to play.")
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def cdk(directory: Path | None, region: str, arguments: tuple[str, ...]) -> None:
    """Run the real CDK CLI against the emulator, and against nothing else.

    \b
    Example:
      elasticache-kit emulator cdk bootstrap
      elasticache-kit emulator cdk deploy --all
    """
    from elasticache_kit.emulator import cdk_cli  # noqa: PLC0415 - looks for Node

    running = _require(directory)
    sys.exit(cdk_cli.run(list(arguments), running.endpoint_url, home=Path(running.directory) / "cdk", region=region))


def _require(directory: Path | None) -> daemon.Running:
    where = _absolute(directory)
    running = daemon.find(where)
    if running is None:
        raise EmulatorError(f"no emulator runs in {where}: start one with `elasticache-kit emulator up`.")
    return running


def _absolute(directory: Path | None) -> Path:
    return (directory or daemon.default_directory()).absolute()


def _state(running: daemon.Running) -> dict[str, Any]:
    capability = daemon.capability(running.endpoint_url) or {}
    return {
        "running": True,
        "pid": running.pid,
        "endpoint_url": running.endpoint_url,
        "directory": running.directory,
        **{name: capability.get(name) for name in ("profile", "ca_file", "engine_pids")},
    }


def _exports(running: daemon.Running) -> str:
    values = {
        "AWS_ENDPOINT_URL": running.endpoint_url,
        "AWS_ACCESS_KEY_ID": local_environment.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": local_environment.SECRET_ACCESS_KEY,
        "AWS_REGION": local_environment.DEFAULT_REGION,
        "AWS_DEFAULT_REGION": local_environment.DEFAULT_REGION,
    }
    ca_file = _state(running)["ca_file"]
    if ca_file:
        values["ELASTICACHE_KIT_CA_FILE"] = ca_file
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())
