"""Observers: one for each node, asking that very node who it is; the truth on the wire, beside clients and events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import ANSWER_TIMEOUT_SECONDS, Connection, LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.inventory import Endpoint

INTERVAL_SECONDS = 0.05


class Observer:
    """Asks one node, twenty times a second, and logs what changes.

    Args:
        member: the node's cache cluster id.
        node_group: the node group that it belongs to.
        endpoint: the node's own address.
        access: TLS and sign-in.
        history: the log.
    """

    def __init__(self, member: str, node_group: str, endpoint: Endpoint, access: Access, history: History) -> None:
        self._member = member
        self._node_group = node_group
        self._endpoint = endpoint
        self._access = access
        self._history = history
        self._last: tuple[Kind, str | None, str | None, str | None] | None = None

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                connection = await Connection.open(self._endpoint, self._access)
            except LostError as error:
                self._note(Kind.FAIL, None, None, error.kind)
                await asyncio.sleep(INTERVAL_SECONDS)
                continue
            try:
                while True:
                    await self._look(connection)
                    await asyncio.sleep(INTERVAL_SECONDS)
            except LostError as error:
                self._note(Kind.FAIL, None, None, error.kind)
            finally:
                await connection.close()

    async def _look(self, connection: Connection) -> None:
        (reply,) = await connection.ask(resp.command("INFO", "replication"), timeout=ANSWER_TIMEOUT_SECONDS)
        fields = resp.info(reply)
        # A replica that is cut off from its primary still answers; the state of its link is part of who it is.
        role = {"master": "primary", "slave": "replica"}.get(fields.get("role", ""), "unknown")
        link = fields.get("master_link_status")
        self._note(Kind.OK, connection.node, role if link in {None, "up"} else f"{role}, link {link}", None)

    def _note(self, kind: Kind, node: str | None, role: str | None, error: str | None) -> None:
        state = (kind, node, role, error)
        if state != self._last:
            self._last = state
            self._history.log(
                Action.OBSERVE, kind, self._node_group, node=node, member=self._member, role=role, error=error
            )
