"""The one place where moto is made to use our backends; everything is put back at the end.

moto shares one dictionary of backends and one table of URLs per service with all its parts, so exchanging the class and
the dispatcher in them extends moto without a fork. What is changed of a service is in the module of `mend` that has the
name of moto's. Both are imported when the service is first asked: all of them together take two seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from moto.backends import ALT_SERVICE_NAMES, get_backend
from moto.core.base_backend import BackendDict, BaseBackend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import create_backend_app

ELASTICACHE = "elasticache"
CLOUDFORMATION = "cloudformation"
# The services of which something is changed, by the names of moto's packages. CloudFormation imports all others.
MENDED = (
    "ec2", "applicationautoscaling", "awslambda", "cloudwatch", ELASTICACHE, "fis", "rds", "s3", "scheduler",
    "secretsmanager", "stepfunctions", CLOUDFORMATION,
)  # fmt: skip


class Seam:
    """What is changed of moto, for as long as an emulator runs."""

    def __init__(self) -> None:
        self._undo: dict[str, Callable[[], None]] = {}
        self.prepare(ELASTICACHE)

    def application(self, service: Any) -> Any:
        """Make the WSGI application of a service, when it is first asked.

        Args:
            service: its name in moto's index of hosts.
        """
        self.prepare(service)
        return create_backend_app(service)

    def prepare(self, service: str) -> None:
        """Change what is to be changed of a service; again does nothing.

        Args:
            service: the name of moto's package, or another that moto has for it.
        """
        package = ALT_SERVICE_NAMES.get(service, service)
        # A stack makes resources of every service without asking its API.
        for name in MENDED:
            if name not in self._undo and package in (name, CLOUDFORMATION):
                self._undo[name] = import_module(f"elasticache_kit.emulator.mend.{name}").install()

    def put_back(self, kept: Mapping[tuple[str, str, str], Any], buckets: Mapping[str, tuple[str, str]]) -> None:
        """Put backends in the place of the empty ones.

        Args:
            kept: as `backends` gave them.
            buckets: as `buckets` gave them.
        """
        find: Any = get_backend
        for (service, account, region), backend in kept.items():
            self.prepare(service)
            find(service)[account][region] = backend
        if buckets:
            _store().bucket_accounts.update(buckets)

    def undo(self) -> None:
        """Make moto what it was."""
        while self._undo:
            self._undo.popitem()[1]()


def install() -> Callable[[], None]:
    """Complete moto for a process that uses it without our server, under `mock_aws`; return what undoes that."""
    seam = Seam()
    seam.prepare(CLOUDFORMATION)
    return seam.undo


def backends() -> dict[tuple[str, str, str], Any]:
    """Give the backends that are in use, by service, account and region."""
    # moto makes one when a service is first asked in a region, and lists them here only.
    in_use: list[Any] = list(vars(BackendDict)["_instances"])
    return {
        (service.service_name, account, region): backend
        for service in in_use
        for account, regions in list(service.items())
        for region, backend in list(regions.items())
    }


def buckets() -> dict[str, tuple[str, str]]:
    """Tell whose each bucket is; moto keeps that beside its backends."""
    return dict(_store().bucket_accounts) if "moto.s3.models" in sys.modules else {}


def forget_everything() -> None:
    """Empty every service of moto: its backends belong to the process and would outlive the emulator."""
    in_use: list[Any] = vars(BackendDict)["_instances"]
    for regions in [regions for service in in_use for regions in service.values()]:
        # To reset a backend is to make it anew, only to drop it then: that is for those that must end something.
        for region in [name for name, backend in regions.items() if not _ends_something(backend)]:
            del regions[region]
    moto_api_backend.reset()


def _store() -> Any:
    return get_backend("s3")


def _ends_something(backend: BaseBackend) -> bool:
    return type(backend).reset is not BaseBackend.reset
