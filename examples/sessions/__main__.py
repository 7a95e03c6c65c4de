"""Run the example on this machine: `make example-sessions`."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator.local_deployment import local_deployment
from elasticache_kit.errors import ElastiCacheKitError
from examples.sessions import chromium, story
from examples.sessions.balancer import Balancer
from examples.sessions.instance import instances, task_of
from examples.sessions.visitor import Client, VisitError, Visitor

STACK = "elasticache-kit-shop"
HERE = Path(__file__).parent
NAMES = ("one", "two")
ERROR, INTERRUPTED = 4, 130


@click.command()
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report/sessions.png"),
    show_default=True,
    help="Where the picture of the page goes, where there is a Chromium.",
)
@click.option("--keep", is_flag=True, help="Leave it running for a look, until Ctrl-C.")
@click.option("--no-browser", is_flag=True, help="Visit without a browser.")
def main(picture: Path, *, keep: bool, no_browser: bool) -> None:
    """One login, two instances behind a balancer: known on both, also after the cache has failed over."""
    program = None if no_browser else chromium.find()
    with local_deployment(HERE, telling=Progress) as place:
        place.synthesize()
        place.bootstrap()
        outputs = place.deploy(STACK)[STACK]
        local = place.environment()
        with (
            instances(NAMES, task_of(STACK, place.directory), place.directory) as ports,
            Balancer(ports) as balancer,
            _visitor(program, balancer.url) as visitor,
        ):
            for step in story.log_in(visitor):
                click.echo(f"✓ {step.text}")
            for step in story.through_failover(visitor, lambda: fail_over(outputs["ReplicationGroupId"], local)):
                click.echo(f"✓ {step.text}")
            if isinstance(visitor, chromium.Chromium):
                visitor.save_picture(picture)
                click.echo(f"the page is in {picture}")
            if keep:
                click.echo(
                    f"the shop is open at {balancer.url} ({story.USER}, {story.PASSWORD!r}); Ctrl-C ends it", err=True
                )
                with suppress(KeyboardInterrupt):
                    threading.Event().wait()


def fail_over(group: str, local: Mapping[str, str]) -> None:
    """Fail the cache over as its operator would, and return when the lost node is replaced.

    Raises:
        VisitError: the command failed; the message has what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", "elasticache_kit.cli", "failover", group, "--apply"],
        env={**local, "ELASTICACHE_KIT_LEDGER": str(Path(local["HOME"]) / "failovers.jsonl")},
        check=False, text=True, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        raise VisitError(f"`elasticache-kit failover` ended with {done.returncode}: {done.stderr.strip()}")


@contextmanager
def _visitor(program: str | None, url: str) -> Generator[Visitor]:
    if program is None:
        click.echo("no Chromium is used: the visitor is an HTTP client, which does the same and takes no picture")
        yield Client(url)
        return
    with chromium.chromium(program, url) as browser:
        yield browser


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except VisitError as error:
        sys.exit(f"✗ {error}")
    except ElastiCacheKitError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(ERROR)
