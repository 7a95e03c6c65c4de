"""`elasticache-kit emulator`: the local ElastiCache."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from elasticache_kit.cli import option, output
from elasticache_kit.cli.progress import Progress
from elasticache_kit.cli.run_task import run_task
from elasticache_kit.emulator import cdk_cli, daemon, local_environment
from elasticache_kit.emulator.lifecycle import TIMINGS
from elasticache_kit.errors import EmulatorError, MissingToolError

DEFAULT_PORT = 5055
DEFAULT_NAME_PORT = 5056
EXAMPLE = """\
Example:
  elasticache-kit emulator up
  eval "$(elasticache-kit emulator env)"
  aws elasticache describe-replication-groups"""
CDK_EXAMPLE = """\
Example:
  elasticache-kit emulator cdk bootstrap
  elasticache-kit emulator cdk deploy elasticache-kit-replication-group"""

directory_option = click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where it keeps what it writes.  [default: $XDG_STATE_HOME/elasticache-kit]",
)

names_option = click.option(
    "--names/--no-names",
    default=None,
    help="Whether endpoints are names, which a failover moves, see docs/names.md.  [default: with --timing aws]",
)
name_port_option = click.option(
    "--name-port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_NAME_PORT,
    show_default=True,
    help="Port of the name server; 0 takes a free one.",
)


@click.group(epilog=f"\b\n{EXAMPLE}")
def emulator() -> None:
    """Run a local ElastiCache: moto, completed, over real engine processes."""


@emulator.command(epilog="Example: elasticache-kit emulator up --timing aws")
@directory_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of the API; 0 takes a free one.",
)
@click.option(
    "--timing", type=click.Choice(list(TIMINGS)), default="fast", show_default=True, help="How long things take."
)
@click.option("--no-engines", is_flag=True, help="Answer the API only, start no engine.")
@names_option
@name_port_option
@click.option("--fresh", is_flag=True, help="Start empty: discard what the last one of the directory has kept.")
@option.output
def up(
    directory: Path | None,
    port: int,
    timing: str,
    form: str,
    name_port: int,
    *,
    no_engines: bool,
    fresh: bool,
    names: bool | None,
) -> None:
    """Start the emulator in the background, with what the last one has kept."""
    where = _absolute(directory)
    running = daemon.find(where)
    if running is not None and fresh:
        raise EmulatorError(
            f"an emulator runs already at {running.endpoint_url}: --fresh would discard its state. Stop it first with "
            "`elasticache-kit emulator down`."
        )
    if running is None:
        flags = {
            "--no-engines": no_engines,
            "--fresh": fresh,
            "--names": names is True,
            "--no-names": names is False,
        }
        arguments = ["--port", str(port), "--timing", timing, "--name-port", str(name_port)]
        arguments += [name for name, given in flags.items() if given]
        with Progress("starting the emulator"):
            running = daemon.start(where, arguments)
        output.talk(f"The emulator runs at {running.endpoint_url} (process {running.pid}).")
        for note in daemon.said(running).get("notes", ()):
            output.talk(note)
        if resolver := daemon.said(running).get("resolver"):
            output.talk(
                "Endpoints are names that {host}:{port} knows, and nobody else on this machine: see docs/names.md, or "
                "start it with --no-names.".format_map(resolver)
            )
    else:
        output.talk(f"An emulator runs already at {running.endpoint_url} (process {running.pid}).")
    if form == "json":
        output.document(_state(running))
    else:
        output.data(_exports(running))


@emulator.command(epilog="Example: elasticache-kit emulator down")
@directory_option
def down(directory: Path | None) -> None:
    """Stop the emulator and every engine that it started; its state is kept."""
    running = daemon.find(_absolute(directory))
    if running is None:
        output.talk("No emulator runs.")
        return
    with Progress("stopping the emulator"):
        daemon.stop(running)
    output.talk(f"The emulator at {running.endpoint_url} has stopped.")


@emulator.command(epilog="Example: elasticache-kit emulator status --output json")
@directory_option
@option.output
def status(directory: Path | None, form: str) -> None:
    """Say whether the emulator runs; exit with 1 where it does not."""
    where = _absolute(directory)
    running = daemon.find(where)
    state: dict[str, Any] = _state(running) if running else {"running": False, "directory": str(where)}
    if form == "json":
        output.document(state)
    elif running:
        output.data(f"running    {running.endpoint_url}\nprocess    {running.pid}\ndirectory  {running.directory}")
        if state["profile"] is None:
            output.data("answers    no: its process lives, but the API says nothing")
        else:
            output.data(f"timing     {state['profile']}\nengines    {len(state['engine_pids'])} processes")
            if on_paper := state["control_plane_only"]:
                output.data(f"no room    {', '.join(on_paper)}: control plane only")
            if resolver := state["resolver"]:
                output.data("names      {host}:{port}, below {domain}, for {ttl} s".format_map(resolver))
            output.data(f"kept       {', '.join(state['kept'])}\nnot kept   {_not_kept(state['not_kept'])}")
            for note in state["notes"]:
                output.data(f"note       {note}")
    else:
        output.data(f"not running (directory {where})")
    sys.exit(0 if running else 1)


@emulator.command(epilog='Example: eval "$(elasticache-kit emulator env)"')
@directory_option
def env(directory: Path | None) -> None:
    """Print shell commands that lead AWS tools to the emulator."""
    output.data(_exports(_require(directory)))


@emulator.command(hidden=True)
@directory_option
@click.option("--port", type=int, default=DEFAULT_PORT)
@click.option("--timing", type=click.Choice(list(TIMINGS)), default="fast")
@click.option("--no-engines", is_flag=True)
@names_option
@name_port_option
@click.option("--fresh", is_flag=True)
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
def serve(
    directory: Path | None,
    port: int,
    timing: str,
    name_port: int,
    *,
    no_engines: bool,
    fresh: bool,
    names: bool | None,
    until_eof: bool,
) -> None:
    """Run the emulator in this process until it is told to stop."""
    # The handlers stand before anything starts: a Ctrl-C in the middle of the start must clean up as well.
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()

    def stop_at_eof() -> None:
        # Not through sys.stdin, which a thread that still reads from it would keep from closing at the end.
        while os.read(0, 4096):
            pass
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if until_eof:
        threading.Thread(target=stop_at_eof, daemon=True).start()
    try:
        from elasticache_kit.emulator.server import Emulator  # noqa: PLC0415 - moto takes a second to import
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "elasticache_kit":
            raise
        raise MissingToolError(
            f"The package {error.name}",
            ["this environment: not installed"],
            ["pip install 'elasticache-kit[emulator]'"],
        ) from error
    where = _absolute(directory)
    where.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    timed = TIMINGS[timing]
    options: dict[str, Any] = {"port": port, "timing": timed, "engines": not no_engines, "fresh": fresh}
    options |= {"names": names, "name_port": name_port}
    with daemon.claim(where), Emulator(where, keep=True, **options) as running:
        daemon.remember(where, running.endpoint_url)
        try:
            stopping.wait()
        finally:
            daemon.forget(where)


@emulator.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}, epilog=f"\b\n{CDK_EXAMPLE}"
)
@directory_option
@click.option("--region", default=local_environment.DEFAULT_REGION, show_default=True, help="The region to play.")
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def cdk(directory: Path | None, region: str, arguments: tuple[str, ...]) -> None:
    """Run the real CDK CLI against the emulator, and against nothing else."""
    running = _require(directory)
    sys.exit(cdk_cli.run(list(arguments), running.endpoint_url, home=Path(running.directory) / "cdk", region=region))


emulator.add_command(run_task)


def _require(directory: Path | None) -> daemon.Running:
    where = _absolute(directory)
    running = daemon.find(where)
    if running is None:
        raise EmulatorError(f"no emulator runs in {where}: start one with `elasticache-kit emulator up`.")
    return running


def _absolute(directory: Path | None) -> Path:
    return (directory or daemon.default_directory()).absolute()


def _state(running: daemon.Running) -> dict[str, Any]:
    said = daemon.said(running)
    return {
        "running": True,
        "pid": running.pid,
        "endpoint_url": running.endpoint_url,
        "directory": running.directory,
        **{
            name: said.get(name)
            for name in (
                "profile",
                "ca_file",
                "engine_pids",
                "kept",
                "not_kept",
                "notes",
                "resolver",
                "control_plane_only",
            )
        },
    }


def _not_kept(in_use: Sequence[str]) -> str:
    """Say which services start empty: by name those that somebody has asked something since the start."""
    return f"{', '.join([*in_use, 'every other service'])}: each starts empty"


def _exports(running: daemon.Running) -> str:
    values = {
        "AWS_ENDPOINT_URL": running.endpoint_url,
        "AWS_ACCESS_KEY_ID": local_environment.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": local_environment.SECRET_ACCESS_KEY,
        "AWS_REGION": local_environment.DEFAULT_REGION,
        "AWS_DEFAULT_REGION": local_environment.DEFAULT_REGION,
    }
    if ca_file := daemon.said(running).get("ca_file"):
        values["ELASTICACHE_KIT_CA_FILE"] = ca_file
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())
