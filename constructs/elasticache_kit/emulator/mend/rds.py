"""RDS, behind which moto has no database: PostgreSQL processes answer where engines run, see `provision_database`.

Without one an endpoint is a name that leads nowhere. moto would give the names that AWS has, which lead there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, MasterUserSecret, RDSBackend

from elasticache_kit.emulator.provision import database as provision_database
from elasticache_kit.emulator.provision.database import DatabaseFailedError

# The requests that change by which password the master user signs in.
PASSWORD = frozenset({"master_user_password", "manage_master_user_password"})
PASSWORD_BYTES = 24
RESTORES = (
    "restore_db_cluster_from_snapshot",
    "restore_db_cluster_to_point_in_time",
    "restore_db_instance_from_db_snapshot",
    "restore_db_instance_to_point_in_time",
)


def install() -> Callable[[], None]:
    """Put processes behind databases and return what undoes that."""
    backend: Any = RDSBackend
    ours: dict[tuple[Any, str], Any] = {
        (backend, "create_db_cluster"): _create(backend.create_db_cluster, "clusters", "db_cluster_identifier"),
        (backend, "create_db_instance"): _create(backend.create_db_instance, "databases", "db_instance_identifier"),
        (backend, "modify_db_cluster"): _modify_cluster(backend.modify_db_cluster),
        (backend, "modify_db_instance"): _modify_instance(backend.modify_db_instance),
        (backend, "delete_db_cluster"): _then(backend.delete_db_cluster, provision_database.remove),
        (backend, "delete_db_instance"): _then(backend.delete_db_instance, provision_database.remove),
        (backend, "stop_db_instance"): _then(backend.stop_db_instance, provision_database.rest),
        (backend, "start_db_instance"): _then(backend.start_db_instance, provision_database.wake),
        (backend, "reboot_db_instance"): _then(backend.reboot_db_instance, _reboot),
        (backend, "stop_db_cluster"): _of_cluster(backend.stop_db_cluster, provision_database.rest),
        (backend, "start_db_cluster"): _of_cluster(backend.start_db_cluster, provision_database.wake),
        **{(backend, name): _restore(getattr(backend, name)) for name in RESTORES},
        **{(backend, name): _parameters(getattr(backend, name)) for name in _GROUPS},
        (DBCluster, "endpoint"): _address(DBCluster.endpoint),
        (DBCluster, "reader_endpoint"): _address(DBCluster.reader_endpoint),
        (DBInstance, "address"): _address(DBInstance.address),
        (MasterUserSecret, "_generate_secret_string"): _secret_string,
    }
    before: dict[tuple[Any, str], Any] = {place: vars(place[0])[place[1]] for place in ours}
    _put(ours)
    return partial(_put, before)


_GROUPS = ("modify_db_cluster_parameter_group", "modify_db_parameter_group")


def _put(attributes: dict[tuple[Any, str], Any]) -> None:
    for (kind, name), value in attributes.items():
        setattr(kind, name, value)


def _create(stock: Callable[..., Any], table: str, member: str) -> Callable[..., Any]:
    def create(backend: Any, kwargs: dict[str, Any]) -> Any:
        name, held = kwargs[member], getattr(backend, table)
        if name in held and table == "clusters":
            # moto forgets the cluster that has the name.
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {name} already exists")
        made = stock(backend, kwargs)
        try:
            provision_database.create(made)
        except DatabaseFailedError as error:
            held.pop(name, None)
            raise RDSClientError(error.code, str(error)) from error
        return made

    return create


def _modify_cluster(stock: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_cluster(backend: Any, kwargs: dict[str, Any]) -> Any:
        name = kwargs["db_cluster_identifier"]
        model, anew = backend.clusters.get(name), _asks_for_password(kwargs)
        if model is None:
            return stock(backend, kwargs)
        try:
            made = stock(backend, kwargs)
        except Exception:
            # moto takes the cluster out before it looks at the request.
            backend.clusters[name] = model
            raise
        _follow(model, anew=anew)
        return made

    return modify_db_cluster


def _modify_instance(stock: Callable[..., Any]) -> Callable[..., Any]:
    def modify_db_instance(backend: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
        anew = _asks_for_password(db_kwargs)
        model = stock(backend, db_instance_identifier, db_kwargs)
        _follow(model, anew=anew)
        return model

    return modify_db_instance


def _asks_for_password(kwargs: dict[str, Any]) -> bool:
    return any(kwargs.get(name) is not None for name in PASSWORD)


def _follow(model: Any, *, anew: bool) -> None:
    if anew:
        provision_database.set_password(model)
    provision_database.apply_parameters([model])


def _then(stock: Callable[..., Any], follow: Callable[[Any], None]) -> Callable[..., Any]:
    """Do something with the model that an operation returns."""

    def operate(backend: Any, *arguments: Any, **options: Any) -> Any:
        model = stock(backend, *arguments, **options)
        _told(follow, model)
        return model

    return operate


def _of_cluster(stock: Callable[..., Any], follow: Callable[[Any], None]) -> Callable[..., Any]:
    """Do something with the cluster of an operation, which returns a copy of it."""

    def operate(backend: Any, cluster_identifier: str) -> Any:
        answer = stock(backend, cluster_identifier)
        _told(follow, backend.clusters[cluster_identifier])
        return answer

    return operate


def _told(follow: Callable[[Any], None], model: Any) -> None:
    try:
        follow(model)
    except DatabaseFailedError as error:
        raise RDSClientError(error.code, str(error)) from error


def _reboot(model: Any) -> None:
    provision_database.rest(model)
    provision_database.wake(model)


def _restore(stock: Callable[..., Any]) -> Callable[..., Any]:
    def restore(backend: Any, *arguments: Any, **options: Any) -> Any:
        with provision_database.restoring():
            return stock(backend, *arguments, **options)

    return restore


def _parameters(stock: Callable[..., Any]) -> Callable[..., Any]:
    def modify(backend: Any, *arguments: Any, **options: Any) -> Any:
        group = stock(backend, *arguments, **options)
        provision_database.apply_parameters([*backend.clusters.values(), *backend.databases.values()])
        return group

    return modify


def _address(stock: Any) -> property:
    return property(lambda model: provision_database.address(model, stock.fget(model)))


def _secret_string(secret: Any) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return json.dumps({"username": secret.resource.master_username, "password": password})
