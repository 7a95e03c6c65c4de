"""The program: requests come as JSON lines on stdin, answers go to stdout.

When stdin ends the emulator is gone and so is this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Any

from elasticache_kit.emulator.link.passage import Caller, Listener

Message = dict[str, Any]
Place = tuple[str, int]


class Links:
    """All listeners, by address and port."""

    def __init__(self) -> None:
        self._listeners: dict[Place, Listener] = {}

    async def answer(self, request: Message) -> Message:
        """Do what a request asks for."""
        place = request["address"], request["port"]
        try:
            if request["op"] == "listen":
                await self._listen(place, request)
            elif request["op"] == "cut":
                self._listeners[place].cut()
            else:
                self._unlisten(place)
        except OSError as error:
            return {"id": request["id"], "error": str(error)}
        return {"id": request["id"], "result": {}}

    async def _listen(self, place: Place, request: Message) -> None:
        self._unlisten(place)
        address, port = request["target"]
        listener = Listener((address, port), request["streams"], request["default"])
        loop = asyncio.get_running_loop()
        listener.server = await loop.create_server(lambda: Caller(listener), *place)
        self._listeners[place] = listener

    def _unlisten(self, place: Place) -> None:
        listener = self._listeners.pop(place, None)
        if listener is not None:
            listener.close()


async def serve() -> None:
    """Serve until stdin ends."""
    links, requests = Links(), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    async for line in requests:
        sys.stdout.write(json.dumps(await links.answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Run."""
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(serve())


if __name__ == "__main__":
    main()
