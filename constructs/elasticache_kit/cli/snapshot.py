"""`elasticache-kit snapshot`: take, list, copy, export, restore and prune snapshots of replication groups."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.cli import option, output
from elasticache_kit.errors import ValidationError
from elasticache_kit.ops import backup, export, inventory, restore, secret, seed, session
from elasticache_kit.ops import snapshot as operation
from elasticache_kit.ops.content import Access, Comparison

if TYPE_CHECKING:
    from elasticache_kit.ops.snapshot import Snapshot

_digest = click.option(
    "--digest", is_flag=True, help="Read all keys for a digest, with the password in ELASTICACHE_KIT_PASSWORD."
)
_username = click.option("--username", envvar="ELASTICACHE_KIT_USER", help="User to read all keys as.")


@click.group(epilog="Example: elasticache-kit snapshot create orders --name before-upgrade")
def snapshot() -> None:
    """Take, list, copy, export, restore and prune snapshots of replication groups."""


@snapshot.command(epilog="\b\nExample: elasticache-kit snapshot create orders --name before-upgrade --apply")
@click.argument("replication_group")
@click.option("--name", metavar="NAME", help="Name of the snapshot; the group and the time when omitted.")
@_digest
@_username
@command.changing
def create(
    replication_group: str,
    name: str | None,
    username: str | None,
    *,
    digest: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Take a manual snapshot of REPLICATION_GROUP."""
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    now = datetime.now(UTC)
    planned = backup.create(
        group,
        name or f"{group.replication_group_id}-{now:%Y-%m-%d-%H-%M}",
        operation.observe(api),
        now,
        digest=Access.of(api, username) if digest else None,
        timeout_seconds=timeout or operation.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)


@snapshot.command("list", epilog="Example: elasticache-kit snapshot list orders --output json")
@click.argument("replication_group", required=False)
@option.output
@option.aws
def list_snapshots(replication_group: str | None, *, form: str, region: str | None, profile: str | None) -> None:
    """List the snapshots of REPLICATION_GROUP, or of the Region, the oldest first."""
    api = session.connect(region=region, profile=profile)
    found = operation.observe(api, replication_group)
    if form == "json":
        output.document({"snapshots": [dataclasses.asdict(item) for item in found]})
        return
    output.data("\n".join(_line(item) for item in found) or "there is no snapshot")


@snapshot.command(epilog="Example: elasticache-kit snapshot copy before-upgrade kept-for-audit --apply")
@click.argument("name")
@click.argument("target")
@click.option("--kms-key-id", metavar="KEY", help="Key to encrypt the copy with; that of the snapshot when omitted.")
@command.changing
def copy(
    name: str,
    target: str,
    kms_key_id: str | None,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Copy the snapshot NAME to TARGET within the Region; to another Region goes `snapshot export --to-region`."""
    api = session.connect(region=region, profile=profile)
    planned = backup.copy(
        operation.named(api, name),
        target,
        operation.find(api, target),
        kms_key_id=kms_key_id,
        timeout_seconds=timeout or operation.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)


@snapshot.command(
    "export",
    epilog="\b\nExample: elasticache-kit snapshot export nightly --bucket b --to-bucket c --to-region eu-west-1",
)
@click.argument("name")
@click.option("--bucket", metavar="BUCKET", required=True, help="Bucket in the Region that ElastiCache may write to.")
@click.option("--to-bucket", metavar="BUCKET", help="Bucket of another Region to copy the objects on to.")
@click.option("--to-region", metavar="REGION", help="The Region of --to-bucket.")
@click.option("--as", "target", metavar="NAME", help="What the objects are called; as the snapshot when omitted.")
@command.changing
def export_snapshot(
    name: str,
    bucket: str,
    to_bucket: str | None,
    to_region: str | None,
    target: str | None,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Export the snapshot NAME to S3, and on to a bucket of another Region for `snapshot restore --from-s3`."""
    if (to_bucket is None) != (to_region is None):
        raise ValidationError("--to-bucket and --to-region go together: give both, or none")
    api = session.connect(region=region, profile=profile)
    planned = export.plan(
        operation.named(api, name),
        target or name,
        bucket,
        region=api.region,
        bucket_region=export.bucket_region(api, bucket),
        onward=(to_bucket, to_region) if to_bucket and to_region else None,
        timeout_seconds=timeout or operation.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)


@snapshot.command(
    "restore", epilog="\b\nExample: elasticache-kit snapshot restore nightly orders-2 --node-groups 4 --apply"
)
@click.argument("name")
@click.argument("replication_group")
@click.option("--from-s3", "bucket", metavar="BUCKET", help="NAME is an export in this bucket, not a snapshot.")
@click.option("--node-type", metavar="TYPE", help="Node type; that of the snapshot when omitted.")
@click.option(
    "--node-groups", type=click.IntRange(min=1), help="Number of node groups; as in the snapshot when omitted."
)
@click.option("--replicas", type=click.IntRange(min=0), help="Replicas of each; as in the snapshot when omitted.")
@click.option("--subnet-group", metavar="NAME", help="Subnet group; that of the snapshot when omitted.")
@click.option(
    "--security-group", "security_groups", metavar="ID", multiple=True, help="Security group; may be repeated."
)
@click.option("--engine-version", metavar="VERSION", help="Engine version; that of the snapshot when omitted.")
@click.option("--parameter-group", metavar="NAME", help="Parameter group; that of the snapshot when omitted.")
@click.option("--auth-token-secret", metavar="NAME", help="Secret with the AUTH token of the new group.")
@_digest
@_username
@command.changing
def restore_snapshot(  # noqa: PLR0917 - a restore has as many options as a group that it makes
    name: str,
    replication_group: str,
    bucket: str | None,
    node_type: str | None,
    node_groups: int | None,
    replicas: int | None,
    subnet_group: str | None,
    security_groups: tuple[str, ...],
    engine_version: str | None,
    parameter_group: str | None,
    auth_token_secret: str | None,
    username: str | None,
    *,
    digest: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Make the new REPLICATION_GROUP from the snapshot NAME, of the same shape or another.

    What is not said is as in the group that the snapshot was taken of, where that is still there. With --digest all
    keys are read in the end and compared with the digest that the snapshot bears; a difference fails.
    """
    api = session.connect(region=region, profile=profile)
    source = (
        seed.from_export(export.manifest(api, bucket, name))
        if bucket
        else seed.from_snapshot(api, operation.named(api, name))
    )
    shape = restore.Shape(
        cache_node_type=node_type,
        num_node_groups=node_groups,
        replicas=replicas,
        cache_subnet_group_name=subnet_group,
        security_group_ids=security_groups or None,
        engine_version=engine_version,
        parameter_group=parameter_group,
    )
    comparison = Comparison()
    planned = restore.plan(
        source,
        replication_group,
        shape,
        restore.restored_from(api, replication_group),
        auth_token=secret.deferred(auth_token_secret) if auth_token_secret else None,
        digest=Access.of(api, username) if digest else None,
        comparison=comparison,
        timeout_seconds=timeout or restore.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form, more=lambda: {"content": comparison.verdict})


@snapshot.command(epilog="\b\nExample: elasticache-kit snapshot prune orders --keep 3 --older-than 30 --apply")
@click.argument("replication_group")
@click.option("--keep", type=click.IntRange(min=0), required=True, help="How many of the newest stay.")
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Only what is older goes.")
@command.apply_option
@option.output
@option.aws
def prune(
    replication_group: str,
    keep: int,
    older_than: float | None,
    *,
    apply: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Remove manual snapshots of REPLICATION_GROUP; automatic ones AWS removes itself."""
    api = session.connect(region=region, profile=profile)
    age = None if older_than is None else timedelta(days=older_than)
    present = operation.observe(api, replication_group)
    planned = backup.prune(replication_group, present, datetime.now(UTC), keep=keep, older_than=age)
    command.perform(planned, api, apply=apply, form=form)


def _line(item: Snapshot) -> str:
    created = f"{item.created:%Y-%m-%d %H:%M}" if item.created else "date not known  "
    shards = f"{len(item.shards)} node group{'' if len(item.shards) == 1 else 's'}"
    of = item.replication_group_id or "a cache cluster"
    what = f"{item.engine} {item.engine_version}, {item.cache_node_type}, {shards}"
    return f"{created}  {item.name}  of {of}  {item.source}  {item.status}  {what}"
