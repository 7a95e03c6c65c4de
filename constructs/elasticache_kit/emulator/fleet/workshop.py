"""What engines are made of."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import stand_in
from elasticache_kit.emulator.fleet.engine import Engine
from elasticache_kit.emulator.fleet.sign_in import InternalAccount

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.fleet.address import AddressBlock
    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.front import Front
    from elasticache_kit.emulator.fleet.links import Links
    from elasticache_kit.emulator.fleet.node import Door
    from elasticache_kit.emulator.fleet.spawner import Spawner

BUS_OFFSET = 10000
HIGHEST_PORT = 65535
ANNOUNCES_ZONES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """All that a group needs to make engines.

    Args:
        binary: the program.
        spawner: who starts it.
        block: where addresses come from.
        door: how clients get in.
        front: what passes connections on.
        links: what passes bytes on late.
        directory: where the group's engines have their directories.
        port: where clients connect.
        resumes: whether engines find what those before them have left; it is deleted when omitted.
        account: whom the emulator and the group's engines sign in as; a new one when omitted.
        iam_secret: the password of IAM users in the engines, which the front puts in the place of a token.
    """

    binary: EngineBinary
    spawner: Spawner
    block: AddressBlock
    door: Door
    front: Front
    links: Links
    directory: Path
    port: int
    resumes: bool = False
    account: InternalAccount = field(default_factory=InternalAccount)
    iam_secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def engine_port(self) -> int:
        """Where the engines listen."""
        return self.door.engine_port(self.port)

    @property
    def bus_port(self) -> int:
        """Where the engines listen to each other in cluster mode."""
        port = self.port + BUS_OFFSET
        return port if port <= HIGHEST_PORT else self.port - BUS_OFFSET

    @property
    def link_port(self) -> int:
        """Where replicas find their primary while what it sends takes time."""
        return self.bus_port - 1

    def endpoint_address(self, kind: str) -> str:
        """Take an address for an endpoint."""
        return self.block.take((self.port,), name=f"{self.directory.name} {kind}")

    def place_settings(self, availability_zone: str | None) -> dict[str, str]:
        """Say what tells clients of a node's zone, for reads from the nearest replica: Valkey 8 and later do."""
        knows = self.binary.engine == "valkey" and int(self.binary.version.partition(".")[0]) >= ANNOUNCES_ZONES
        return {"availability-zone": availability_zone} if knows and availability_zone else {}

    def give_back(self, address: str) -> None:
        """Let an address be used again, later; nothing leads there any more."""
        self.links.take_up((address, self.link_port))
        self.block.give_back(address)

    def engine(self, name: str) -> Engine:
        """Make an engine at an address of its own; what an earlier one of this name has left is deleted, see above."""
        ports = self.port, self.engine_port, self.bus_port, self.link_port
        address = self.block.take(ports, name=f"{self.directory.name}/{name}")
        place = self.directory / name, address, self.engine_port
        if self.resumes:
            stand_in.restore(self.directory, name)
        engine = Engine(self.binary, self.spawner, *place, account=self.account)
        if not self.resumes:
            engine.wipe()
        return engine
