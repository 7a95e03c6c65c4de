"""`elasticache-kit emulator run-task`: a task of ECS as a local process."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from elasticache_kit.cli import output
from elasticache_kit.emulator import daemon, local_environment
from elasticache_kit.errors import EmulatorError

EXAMPLE = """\
Example:
  elasticache-kit emulator run-task elasticache-kit-database-cache --container Listener
  elasticache-kit emulator run-task shop --container Application -- python -m shop.migrate"""


@click.command("run-task", epilog=f"\b\n{EXAMPLE}")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where the emulator keeps what it writes.  [default: $XDG_STATE_HOME/elasticache-kit]",
)
@click.option("--region", default=local_environment.DEFAULT_REGION, show_default=True, help="The region to play.")
@click.option("--container", default=None, help="The container.  [default: the only one]")
@click.option(
    "--code",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="The folder to run in.  [default: the one that the image is built from]",
)
@click.argument("name")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run_task(
    directory: Path | None,
    region: str,
    name: str,
    command: tuple[str, ...],
    *,
    container: str | None,
    code: Path | None,
) -> None:
    """Run a container of a deployed task definition as a process of this machine, in the foreground.

    NAME is a stack, an ECS service, or a task definition. The process has the environment, the secrets and the role of
    the task definition, and runs its command, or COMMAND. Ctrl-C stops it as ECS does; its exit code is this one's.
    """
    from elasticache_kit.emulator import task, task_definition  # noqa: PLC0415 - boto3 takes its time to import

    where = (directory or daemon.default_directory()).absolute()
    running = daemon.find(where)
    if running is None:
        raise EmulatorError(f"no emulator runs in {where}: start one with `elasticache-kit emulator up`.")
    local_environment.prove(
        local_environment.environment(running.endpoint_url, home=Path(running.directory) / "cdk", region=region)
    )
    account = task.Account(running.endpoint_url, region, daemon.said(running).get("ca_file"))
    found = task_definition.find(account.client, name, container)
    folder = code or task_definition.folder(account.client, found)
    output.talk(f"{found.name} of {found.task_definition} runs in {folder}.")
    sys.exit(task.run(account, found, folder, command))
