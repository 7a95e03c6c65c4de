"""How engines in cluster mode come to know each other, and hear of each other at once.

Engines tell each other with every message where they listen, and beside that where clients shall connect: behind TLS
that is another port. What is beside goes to nodes only that are known to read it. Whoever gets a message without it
forgets it until the next one, and meanwhile sends clients to a port where nobody speaks TLS. CLUSTER MEET is such a
message, and so is the first one of an engine that has just started. So engines here meet only where they are strangers;
those that know each other get new links, on which they talk at once, and whoever starts waits to be called
(`nodes_conf.hide`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elasticache_kit.emulator.fleet.node import Node

# DEBUG is for the emulator only: no rule of a client's user allows it, see `command_guard`.
SETTINGS = {"enable-debug-command": "local"}


def introduce(node: Node, others: Iterable[Node], port: int, bus_port: int) -> None:
    """Make a node talk with others at once, also with those that do not know it."""
    commands = [("CLUSTER", "MEET", other.address, port, bus_port) for other in others if other is not node]
    with node.engine.admin() as admin:
        admin.commands(commands)


def call(node: Node, node_ids: Sequence[str], *, both: bool = False) -> None:
    """Make a node talk with others that know it, within a tenth of a second: which else takes up to a second or more.

    Args:
        node: who talks. Its links to the others end, and it makes new ones, which begin with what it has to say.
        node_ids: the others. One that it does not know is left out.
        both: whether the links from the others to it end, too: a link that a partition has cut stays dead for long.
    """
    ends = "ALL" if both else "TO"
    with node.engine.admin() as admin:
        try:
            admin.commands([("DEBUG", "CLUSTERLINK", "KILL", ends, node_id) for node_id in node_ids])
        except ReplyError as error:
            if "Unknown node" not in str(error):
                raise
