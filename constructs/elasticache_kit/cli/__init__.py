"""The command `elasticache-kit`.

A command's module is imported when the command runs, so that `--help` costs nothing and a user who installed one extra
is not asked for another's packages.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, cast

import click

from elasticache_kit import __version__
from elasticache_kit.errors import ElastiCacheKitError, ValidationError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNKNOWN = 3
EXIT_ERROR = 4
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class _Command:
    """Where a command is, what it does in one line, and the extra that brings what it needs; empty where none is."""

    path: str
    summary: str
    extra: str


_COMMANDS = {
    "adopt": _Command("elasticache_kit.cli.adopt:adopt", "Write the constructs of a group that exists.", "ops"),
    "check": _Command("elasticache_kit.cli.check:check", "Find what ElastiCache refuses in a template.", ""),
    "cluster-mode": _Command("elasticache_kit.cli.change:migrate", "Go to cluster mode, step by step.", "ops"),
    "demo": _Command("elasticache_kit.cli.demo:demo", "Deploy, fail over and report, all on this machine.", "local"),
    "diff": _Command("elasticache_kit.cli.diff:diff", "Say whether a deployment would lose data.", "ops"),
    "drill": _Command("elasticache_kit.cli.drill:drill", "Prove what clients see while something breaks.", "ops"),
    "emulator": _Command("elasticache_kit.cli.emulator:emulator", "Run a local ElastiCache.", "emulator"),
    "events": _Command("elasticache_kit.cli.events:events", "Show what happened, and follow it.", "ops"),
    "failover": _Command("elasticache_kit.cli.failover:failover", "Fail over a primary on purpose.", "ops"),
    "global": _Command("elasticache_kit.cli.world:world", "Fail over or leave a global datastore.", "ops"),
    "iam-policy": _Command(
        "elasticache_kit.cli.iam_policy:iam_policy", "Say what a command must be allowed to do.", "ops"
    ),
    "inventory": _Command("elasticache_kit.cli.inventory:inventory", "Show every cache, and what to look at.", "ops"),
    "parameters": _Command("elasticache_kit.cli.parameters:parameters", "Compare and set parameters.", "ops"),
    "publish": _Command("elasticache_kit.cli.publish:publish", "Store a drill's report, and tell its outcome.", "ops"),
    "reboot": _Command("elasticache_kit.cli.reboot:reboot", "Reboot nodes one after the other.", "ops"),
    "reshard": _Command("elasticache_kit.cli.change:reshard", "Change the number of node groups online.", "ops"),
    "rotate": _Command("elasticache_kit.cli.rotate:rotate", "Replace a token or a password.", "ops"),
    "scale": _Command("elasticache_kit.cli.change:scale", "Change the node type, or the replicas.", "ops"),
    "service-updates": _Command(
        "elasticache_kit.cli.service_updates:service_updates", "Show and apply service updates.", "ops"
    ),
    "snapshot": _Command("elasticache_kit.cli.snapshot:snapshot", "Take, copy, export and restore snapshots.", "ops"),
    "tls": _Command("elasticache_kit.cli.change:tls", "Turn TLS on, step by step.", "ops"),
    "upgrade": _Command("elasticache_kit.cli.change:upgrade", "Upgrade the engine, also to Valkey.", "ops"),
}


class _FailureError(click.ClickException):
    """An error that was raised on purpose, printed as it stands."""

    exit_code = EXIT_ERROR


class _BadValueError(_FailureError):
    """What was asked for is something that cannot be."""

    exit_code = EXIT_USAGE


class LazyGroup(click.Group):
    """A group that imports a command when it is needed, and turns errors raised on purpose into one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        known = _COMMANDS.get(cmd_name)
        if known is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = known.path.partition(":")
        try:
            return cast("click.Command", getattr(importlib.import_module(module), attribute))
        except ModuleNotFoundError as error:
            raise _explained(cmd_name, error) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name].summary) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and let an error that was raised on purpose end it in one sentence."""
        try:
            return super().invoke(ctx)
        except ElastiCacheKitError as error:
            raise (_BadValueError if isinstance(error, ValidationError) else _FailureError)(str(error)) from error
        except ModuleNotFoundError as error:
            # Some commands import what they need only when they need it.
            raise _explained(ctx.invoked_subcommand or "", error) from None
        except Exception as error:
            answer = _answered(error)
            if answer is None:
                raise
            raise _FailureError(answer) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


def _answered(error: Exception) -> str | None:
    """Return what an API answered that no operation knows more about; None for a defect of ours."""
    # Looked at and not imported: botocore is there with some extras only.
    response: Any = getattr(error, "response", None)
    operation: Any = getattr(error, "operation_name", None)
    if not isinstance(response, dict) or not isinstance(operation, str):
        return None
    told = cast("dict[str, dict[str, str]]", response).get("Error", {})
    return f"{operation} answered {told.get('Code', 'an error')}: {told.get('Message', error)}"


def _explained(command: str, error: ModuleNotFoundError) -> Exception:
    """Return what to say about a package that is not installed; a missing module of ours is a defect."""
    known = _COMMANDS.get(command)
    if known is None or not known.extra or error.name is None or error.name.partition(".")[0] == "elasticache_kit":
        return error
    return _FailureError(
        f"the command {command!r} needs the package {error.name!r}, which is not installed: "
        f"pip install 'elasticache-kit[{known.extra}]'"
    )


_EXAMPLE = """\
\b
Example:
  elasticache-kit inventory                  # what there is, and what to look at
  elasticache-kit failover orders            # the plan; --apply runs it
  elasticache-kit emulator up                # a local ElastiCache to try it on"""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLE)
@click.version_option(__version__, prog_name="elasticache-kit")
def main() -> None:
    """Amazon ElastiCache: operate it, prove that it survives, and run it on this machine.

    Commands find AWS as every AWS tool does. With AWS_ENDPOINT_URL set they work on the local ElastiCache instead.
    Exit codes: 0 passed, 1 failed, 2 wrong use, 3 unknown, 4 AWS or emulator error.
    """
