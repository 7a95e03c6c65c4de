"""`make example-database-cache`: deploy the shop to the local AWS, run what its tasks run, show what the cache does.

python run.py            deploys, shows, removes
python run.py --keep     goes on until Ctrl-C
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import httpx
import psycopg

from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator import daemon, local_environment, task_definition
from elasticache_kit.emulator.local_deployment import local_deployment
from elasticache_kit.emulator.task import Account
from elasticache_kit.errors import ElastiCacheKitError
from elasticache_kit.model.environment import DATABASE_SECRET_VARIABLE
from process import run_task, task
from show import PROMISES, PromiseBrokenError, Scene, settle

FOLDER = Path(__file__).parent
STACK = "shop"
FAULTS = "/moto-api/elasticache-kit/faults"
SERVING, DRAINING = r"running on (http://[\d.]+:\d+)", "drains the outbox"
SERVE = ("python", "-m", "shop", "serve", "--port", "0", "--store")
TIMEOUT = 30
BROKEN, FAILED = 1, 4


@click.command(help="Deploy the shop to the local AWS and show what its cache does.")
@click.option("--keep", is_flag=True, help="Let it run until Ctrl-C.")
def main(*, keep: bool) -> None:
    """Run, and leave nothing behind."""
    try:
        with local_deployment(FOLDER, telling=Progress) as deployment:
            deployment.synthesize()
            deployment.bootstrap()
            deployment.deploy()
            broken = _present(deployment.running, keep=keep)
            deployment.destroy()
    except ElastiCacheKitError as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    sys.exit(BROKEN if broken else 0)


def _present(running: daemon.Running, *, keep: bool) -> int:
    """Run the tasks, show each promise, and return how many were broken."""
    region = local_environment.DEFAULT_REGION
    account = Account(running.endpoint_url, region, daemon.said(running).get("ca_file"))
    told = task_definition.find(account.client, STACK, "Shop").environment
    with Progress("migrating and filling the database"):
        run_task(running, STACK, "Migration", "python", "-m", "shop", "migrate", "--seed")
    with ExitStack() as stack:
        cached, plain = _tasks(running, stack)
        sql = stack.enter_context(_connect(account, told))
        node = _primary(account, told["ELASTICACHE_KIT_CACHE_NAME"])
        scene = Scene(cached, plain, sql, partial(_frozen, running.endpoint_url, region, node))
        with Progress("draining what the seed has left in the outbox"):
            settle(scene)
        broken = sum(not _shown(scene, name) for name in PROMISES)
        if keep:
            click.echo(f"\nwith a cache   {cached.base_url}docs\nwithout        {plain.base_url}docs")
            click.echo(f"the local AWS  {running.endpoint_url}, in {running.directory}\nCtrl-C ends it.")
            signal.pause()
    return broken


def _tasks(running: daemon.Running, stack: ExitStack) -> tuple[httpx.Client, httpx.Client]:
    """Run the shop with a cache and without, and the outbox listener, all at once; return what asks the shops."""
    with Progress("starting the shop with a cache, the shop without, and the outbox listener"):
        shops = [
            stack.enter_context(task(running, STACK, "Shop", *SERVE, store, ready=SERVING))
            for store in ("cached", "plain")
        ]
        listening = stack.enter_context(task(running, STACK, "Listener", ready=DRAINING))
        cached, plain = (
            stack.enter_context(httpx.Client(base_url=serving(), timeout=TIMEOUT, trust_env=False)) for serving in shops
        )
        listening()
    return cached, plain


def _shown(scene: Scene, name: str) -> bool:
    try:
        said, kept = PROMISES[name](scene), True
    except (PromiseBrokenError, httpx.HTTPError) as error:
        said, kept = str(error), False
    mark = click.style("kept  ", fg="green") if kept else click.style("BROKEN", fg="red", bold=True)
    click.echo(f"{mark} {name}: {said}")
    return kept


def _connect(account: Account, told: Any) -> psycopg.Connection[Any]:
    """Connect to the database as somebody who knows no cache."""
    held: Any = account.client("secretsmanager").get_secret_value(SecretId=told[DATABASE_SECRET_VARIABLE])
    secret = json.loads(held["SecretString"])
    return psycopg.connect(
        host=told["PGHOST"],
        port=told["PGPORT"],
        dbname=told["PGDATABASE"],
        user=secret["username"],
        password=secret["password"],
        sslmode="verify-full",
        sslrootcert=account.ca_file,
        autocommit=True,
    )


def _primary(account: Account, cache_name: str) -> str:
    found = account.client("elasticache").describe_replication_groups(ReplicationGroupId=cache_name)
    members = found["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"]
    return next(item["CacheClusterId"] for item in members if item["CurrentRole"] == "primary")


@contextmanager
def _frozen(endpoint_url: str, region: str, node: str) -> Generator[None]:
    """Stop the process of a node with SIGSTOP, see docs/faults.md."""
    with httpx.Client(base_url=endpoint_url, trust_env=False) as emulator:
        order = {"kind": "pause", "Region": region, "CacheClusterId": node}
        begun = emulator.post(FAULTS, json=order).raise_for_status().json()["id"]
        try:
            yield
        finally:
            emulator.delete(f"{FAULTS}/{begun}").raise_for_status()


if __name__ == "__main__":
    main()
