"""`elasticache-kit drill memcached-node-loss`: what a Memcached node takes along when it reboots."""

from __future__ import annotations

import secrets
import sys

import click

from elasticache_kit.cli import option, output
from elasticache_kit.cli.drill.access import ca_file
from elasticache_kit.cli.drill.request import applies
from elasticache_kit.cli.drill.run import EXIT
from elasticache_kit.drills import guard, record
from elasticache_kit.drills.access import tls_context
from elasticache_kit.drills.memcached import cluster as memcached_cluster
from elasticache_kit.drills.memcached import loss as memcached_loss
from elasticache_kit.drills.report import report
from elasticache_kit.drills.result import LOCAL_STAMP
from elasticache_kit.drills.verdict import compose
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import session


@click.command("memcached-node-loss", epilog="Example: elasticache-kit drill memcached-node-loss sessions --apply")
@click.argument("cache_cluster")
@click.option(
    "--apply/--dry-run",
    "apply",
    default=None,
    help="Run it, or only show what it would do; when omitted it runs on a local ElastiCache and shows on AWS.",
)
@click.option("--keys", type=click.IntRange(min=100), default=1000, show_default=True, help="Keys to write.")
@click.option("--max-back", type=click.FloatRange(min=0), metavar="SECONDS", help="Longest until hits are back.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="How long to wait.")
@option.output
@option.aws
def memcached_node_loss(
    cache_cluster: str,
    *,
    apply: bool | None,
    keys: int,
    max_back: float | None,
    timeout: float,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Reboot a node of the Memcached CACHE_CLUSTER under reads: what it takes along, and when hits are back."""
    api = session.connect(region=region, profile=profile)
    cluster = memcached_cluster.observe(api, cache_cluster)
    local = api.capability
    allowed = guard.opt_in(guard.tags(api, cluster.arn), local=local is not None)
    if reasons := [*memcached_cluster.refusals(cluster), *allowed]:
        raise RefusedError(f"a drill on {cache_cluster}", reasons)
    node = min(cluster.nodes)
    if not applies(api, apply=apply):
        output.data(
            f"call RebootCacheCluster with CacheClusterId={cache_cluster}, CacheNodeIdsToReboot={node}, under reads"
        )
        output.talk("nothing was changed: run it with --apply")
        return
    run_id = secrets.token_hex(4)
    with record.opened(record.scope_of(api), cache_cluster, run_id):
        outcome = memcached_loss.Drill(
            session=api,
            cluster=cluster,
            run_id=run_id,
            keys=keys,
            timeout_seconds=timeout,
            tls=tls_context(ca_file(local)) if cluster.tls else None,
        ).run()
    findings = outcome.findings(max_back)
    stamp = LOCAL_STAMP if local is not None else None
    if form == "json":
        output.document({"stamp": stamp, "verdict": compose(findings).value, **memcached_loss.document(outcome)})
    else:
        rows = [("node", "checked", "verdict", "found"), *report.rows(findings)]
        head = f"drill memcached-node-loss on {cache_cluster}: {compose(findings).upper()}"
        output.data("\n".join([head, *([stamp] if stamp else []), "", *report.table(rows)]))
    sys.exit(EXIT[compose(findings)])
