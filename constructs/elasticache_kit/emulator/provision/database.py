"""What stands behind the clusters and instances of RDS: a PostgreSQL process, or nothing, which their endpoints say.

All instances of an Aurora cluster share its storage, so one process answers for all of them.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet.postgresql.plan import PostgreSQLPlan
from elasticache_kit.errors import EngineStartError, MissingToolError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from moto.rds.models import DBCluster, DBInstance

    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.postgresql.server import PostgreSQLServer

logger = logging.getLogger(__name__)

# The engines of RDS that PostgreSQL stands behind, and the version from which each refuses clients without TLS where
# the parameter rds.force_ssl says nothing else.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
ENGINES = {"postgres": 15, "aurora-postgresql": 17}
FORCE_SSL = "rds.force_ssl"
# Nothing ever answers below this name: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
NOWHERE = "invalid"
# The attribute of moto's model that names the server behind it, also when the model is renamed.
KEY = "elasticache_kit_database"


_restoring = threading.local()


class DatabaseFailedError(Exception):
    """What stands behind a database did not start; the message says why, and `code` is one that RDS has."""

    code = "InsufficientDBInstanceCapacity"


class NothingToRestoreError(DatabaseFailedError):
    """A database should have data that nobody has."""

    code = "InvalidRestoreFault"


def create(model: DBCluster | DBInstance) -> None:
    """Start what stands behind a new cluster, or an instance of its own.

    Raises:
        DatabaseFailedError: it did not start.
    """
    fleet = runtime.current().fleet
    if fleet is None or model.engine not in ENGINES or _of_cluster(model):
        return
    if getattr(_restoring, "on", False):
        raise NothingToRestoreError(
            f"{model.resource_id} would be empty: the local emulator keeps no data in the snapshots and backups of RDS."
        )
    # A further one of the same name may come before this one is gone.
    setattr(model, KEY, f"{model.account_id}/{model.region}/{model.resource_id}/{uuid.uuid4().hex[:8]}")
    try:
        with runtime.current().lifecycle.away():
            fleet.postgresql.start(plan(model))
    except (EngineStartError, MissingToolError) as error:
        raise DatabaseFailedError(str(error)) from error


@contextmanager
def restoring() -> Generator[None]:
    """Refuse to start anything inside: what is made there should have data that nobody has."""
    _restoring.on = True
    try:
        yield
    finally:
        _restoring.on = False


def server(model: DBCluster | DBInstance) -> PostgreSQLServer | None:
    """Give what stands behind a cluster or an instance, None where nothing does."""
    fleet, key = runtime.current().fleet, _key(model)
    return fleet.postgresql.find(key) if fleet is not None and key else None


def address(model: DBCluster | DBInstance, stock: str) -> str:
    """Return the host of an endpoint.

    Args:
        model: whose endpoint.
        stock: the name that it has on AWS, which must lead nobody there.
    """
    found = server(model)
    return found.address if found is not None else f"{stock.partition('.rds.')[0]}.rds.{NOWHERE}"


def set_password(model: DBCluster | DBInstance) -> None:
    """Give the master user the password that the cluster or instance has now."""
    if (found := server(model)) is not None:
        with runtime.current().lifecycle.away():
            found.set_password(_password(model))


def remove(model: DBCluster | DBInstance) -> None:
    """End what stands behind a cluster or an instance, and delete its data."""
    fleet, key = runtime.current().fleet, _key(model)
    if fleet is not None and key and not _of_cluster(model):
        with runtime.current().lifecycle.away():
            fleet.postgresql.remove(key)


def apply_parameters(models: Iterable[Any]) -> None:
    """Let the servers of clusters and instances go by the parameters that they have now."""
    for model in models:
        if not _of_cluster(model) and (found := server(model)) is not None:
            required = _tls_required(model)
            if required != found.plan.tls_required:
                found.require_tls(required=required)


def rest(model: DBCluster | DBInstance) -> None:
    """End the process of a cluster or an instance that is stopped; its data stay."""
    if (found := server(model)) is not None:
        with runtime.current().lifecycle.away():
            found.stop()


def wake(model: DBCluster | DBInstance) -> None:
    """Start the process of a cluster or an instance that was stopped.

    Raises:
        DatabaseFailedError: it did not start.
    """
    if (found := server(model)) is None:
        return
    try:
        with runtime.current().lifecycle.away():
            found.start()
    except EngineStartError as error:
        raise DatabaseFailedError(str(error)) from error


def resume(fleet: Fleet, backends: Mapping[tuple[str, str, str], Any]) -> Iterator[str]:
    """Start again what stood behind the databases that outlived their emulator; give a sentence where that fails.

    Args:
        fleet: where they start.
        backends: those of moto, by service, account and region.
    """
    for (service, _, region), backend in backends.items():
        if service != "rds":
            continue
        for model in (*backend.clusters.values(), *backend.databases.values()):
            if not _key(model) or _of_cluster(model):
                continue
            try:
                found = fleet.postgresql.start(plan(model))
                if model.status == "stopped":
                    found.stop()
            except (EngineStartError, MissingToolError) as error:
                logger.exception("%s did not come back", model.resource_id)
                yield f"The database {model.resource_id} in {region} did not come back: {error}"


def plan(model: DBCluster | DBInstance) -> PostgreSQLPlan:
    """Say which server a cluster or an instance needs."""
    name = getattr(model, "database_name", None) or getattr(model, "db_name", None)
    return PostgreSQLPlan(
        key=str(_key(model)),
        master=str(model.master_username),
        password=_password(model),
        port=int(model.port or 0) or 5432,
        version=str(model.engine_version),
        database=str(name or ""),
        tls_required=_tls_required(model),
    )


def _of_cluster(model: Any) -> bool:
    return model.resource_type == "db" and model.db_cluster_identifier is not None


def _key(model: Any) -> str | None:
    return getattr(model.cluster if _of_cluster(model) else model, KEY, None)


def _password(model: Any) -> str:
    if model.manage_master_user_password:
        return str(json.loads(model.master_user_secret.secret.secret_string)["password"])
    return str(model._master_user_password)  # noqa: SLF001 - moto gives it out to nobody


def _tls_required(model: Any) -> bool:
    said = _parameters(model).get(FORCE_SSL)
    major = str(model.engine_version).partition(".")[0]
    return said == "1" if said is not None else int(major) >= ENGINES[model.engine]


def _parameters(model: Any) -> dict[str, str]:
    """Return the parameters that were set in the group of a cluster or an instance."""
    if model.resource_type == "cluster":
        group = model.backend.db_cluster_parameter_groups.get(model.parameter_group)
    else:
        group = model.backend.db_parameter_groups.get(model.db_parameter_group_name or "")
    values: dict[str, Any] = getattr(group, "parameters", {}) or {}
    return {name: str(item.get("ParameterValue", "")) for name, item in values.items()}
