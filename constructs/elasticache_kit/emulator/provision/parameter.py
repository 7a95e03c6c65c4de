"""The parameters of a cache as its engines take them: when they start, at once, or when they start the next time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.errors import NotFoundError, ValidationError
from elasticache_kit.model import parameter
from elasticache_kit.model.node_type import NodeType

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup

# Parameters that mean in ElastiCache what they mean in the engine, by name or by the beginning of the name. The others
# belong to the service (reserved-memory-percent), shape the group (cluster-enabled) or are spelled in parts.
ENGINE_PARAMETERS = (
    "acl-pubsub-default", "active-defrag-", "activedefrag", "activerehashing", "databases", "hash-max-", "hll-",
    "lazyfree-", "lfu-",
    "list-compress-depth", "list-max-listpack-size", "maxmemory-policy", "maxmemory-samples",
    "notify-keyspace-events", "set-max-", "slowlog-", "stream-node-", "tcp-keepalive", "timeout",
    "tracking-table-max-keys", "zset-max-",
)  # fmt: skip
# Defaults that ElastiCache sets apart from the engine's own and that clients notice; `maxmemory` goes with them.
_DEFAULTS = ("acl-pubsub-default", "maxmemory-policy", "maxmemory-samples")
MAXMEMORY = "maxmemory"


def of_group(region: Region, name: str, node_type: object) -> dict[str, str]:
    """Return the settings that the engines of a parameter group and a node type have.

    Args:
        region: where the parameter group is.
        name: its name.
        node_type: the node type; its `maxmemory` is what the engine may use. A type that no page tells it of has none.

    Raises:
        Fault: CacheParameterGroupNotFound.
    """
    family, values = region.parameters(name)
    known = _known(family)
    defaults = {item: found for item in _DEFAULTS if item in known and (found := known[item].default) is not None}
    wanted = {item: value for item, value in values.items() if item.startswith(ENGINE_PARAMETERS)}
    return {**defaults, **wanted, **maxmemory(node_type)}


def maxmemory(node_type: object) -> dict[str, str]:
    """Return the engine setting of a node type's memory, nothing where no page tells it."""
    try:
        found = NodeType.of(str(node_type)).maxmemory_bytes
    except ValidationError:
        return {}
    return {} if found is None else {MAXMEMORY: str(found)}


def renew(region: Region, group: ReplicationGroup) -> None:
    """Bring the engines of a replication group to its parameter group, see `tell`."""
    key = region.fleet_key(group.replication_group_id)
    if tell(region, key, group.parameter_group_name, group.spec.cache_node_type):
        for member in group.members:
            member.reboot_pending = True


def tell(region: Region, key: str, name: str, node_type: object) -> bool:
    """Bring engines to a parameter group: at once, or, by the type of the parameter, when they start the next time.

    Args:
        region: where the parameter group is.
        key: the engines; nothing happens where none run, for they start with what is so then.
        name: the parameter group.
        node_type: their node type.

    Returns:
        whether something waits for a reboot.

    Raises:
        EmulatorError: an engine does not take a setting.
    """
    fleet = runtime.current().fleet
    if fleet is None:
        return False
    try:
        present = fleet.group(key).plan.parameters
    except NotFoundError:
        return False
    with region.lock:
        family, _ = region.parameters(name)
        wanted = of_group(region, name, node_type)
    known = _known(family)
    # What is set no longer has the default of the family again.
    wanted = {**{item: known[item].default or "" for item in present if item in known}, **wanted}
    changed = {item: value for item, value in wanted.items() if present.get(item) != value and item != MAXMEMORY}
    waiting = {
        item: value for item, value in changed.items() if item in known and known[item].change_type == "requires-reboot"
    }
    if changed:
        at_once = {item: value for item, value in changed.items() if item not in waiting}
        fleet.set_parameters(key, at_once, on_reboot=waiting)
    return bool(waiting)


def _known(family: str) -> Mapping[str, parameter.Parameter]:
    """Return the parameters of a family, none where no page lists them."""
    return parameter.family(family).parameters if family in parameter.families() else {}
