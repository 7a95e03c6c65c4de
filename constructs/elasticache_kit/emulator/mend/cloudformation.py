"""CloudFormation: change sets without outputs and rollback, looked up over all stacks: getmoto/moto 3032, 8092."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from moto.cloudformation import parsing, urls
from moto.cloudformation.models import cloudformation_backends

from elasticache_kit.emulator.cloudformation.backend import LocalCloudFormationBackend
from elasticache_kit.emulator.cloudformation.response import LocalCloudFormationResponse
from elasticache_kit.emulator.mend.exchange import exchange


def install() -> Callable[[], None]:
    """Put our CloudFormation in the place of moto's and return what undoes that."""
    # moto finds the types among the classes that are imported: that is how it learns of those that it has not got.
    import_module("elasticache_kit.emulator.cloudformation.resource_type")
    put_back = exchange(
        cloudformation_backends, LocalCloudFormationBackend, urls.url_paths, LocalCloudFormationResponse.dispatch
    )
    _look_for_types_again()

    def undo() -> None:
        put_back()
        _look_for_types_again()

    return undo


def _look_for_types_again() -> None:
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
