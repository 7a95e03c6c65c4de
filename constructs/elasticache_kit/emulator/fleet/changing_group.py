"""What is changed of the engines of a replication group while they run."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.roster import Roster

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.node import Door, Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.sign_in import SignIn
    from elasticache_kit.emulator.fleet.workshop import Workshop

PORT_TIMEOUT = 30.0


class ChangingGroup(Roster):
    """Takes changes that start no process anew: sign-in, settings, endpoints, TLS, and the program of later starts."""

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        super().__init__(plan, workshop, bare=bare)
        self._live: Mapping[str, str] = {}
        self._door.admit(plan.sign_in.judged_users)

    def settle(self) -> None:
        """Do what can be done only when all engines are of one kind again: nothing in most groups."""

    @abstractmethod
    def _tell_port(self, node: Node) -> None:
        """Make a node follow its primary where that listens now, and tell clients of the right port."""

    def _await_ports(self, deadline: Deadline) -> None:
        """Return when all nodes tell clients of the right ports; where clients do not ask them they do."""

    def set_sign_in(self, sign_in: SignIn) -> None:
        """Change how clients sign in, on every node that lives; connections that have signed in stay, as on AWS."""
        with self._lock:
            self._check_running()
            gone = self.accounts.keys() - sign_in.accounts(self.workshop.account, "").keys()
            self.plan = replace(self.plan, sign_in=sign_in)
            self._door.admit(sign_in.judged_users)
            for node in self.nodes.values():
                if node.serves:
                    self._tell(node, [*account_commands(self.accounts), *(("ACL", "DELUSER", name) for name in gone)])

    def set_compatible(self, *, compatible: bool) -> None:
        """Have the endpoints of both cluster modes, or only those of one's own."""
        with self._lock:
            self._check_running()
            self.plan = replace(self.plan, compatible=compatible)
            before = self.endpoints
            self.endpoints = {}
            self.inherit(before)
            for kind, endpoint in before.items():
                if kind not in self.kinds:
                    self.retire(endpoint)
            self.place_endpoints()

    def change_door(self, door: Door) -> None:
        """Let clients in through another door, for which engines listen on another port."""
        with self._lock:
            self._check_running()
            for endpoint in self.endpoints.values():
                endpoint.lead_to((), self._door)
            for node in self.nodes.values():
                self._door.close(node)
            self.workshop, self._door = replace(self.workshop, door=door), door
            serving = [node for node in self.nodes.values() if node.serves]
            for node in self.nodes.values():
                node.engine.move(self.workshop.engine_port)
            for node in serving:
                self._tell_port(node)
                self._door.open(node)
            self.place_endpoints()
        self._await_ports(Deadline(PORT_TIMEOUT))

    def prefer_tls(self, *, preferred: bool) -> None:
        """Let clients come without TLS, too, or no longer."""
        with self._lock:
            self._check_running()
            self._door.prefer(preferred=preferred)
            self.plan = replace(self.plan, tls_preferred=preferred)

    def set_parameters(self, now: Mapping[str, str], on_reboot: Mapping[str, str]) -> None:
        """Change settings: some at once on every node that lives, others for processes that start from now on."""
        with self._lock:
            self._check_running()
            commands = [("CONFIG", "SET", name, value) for name, value in now.items()]
            for node in self.nodes.values():
                if node.serves:
                    self._tell(node, commands)
            self.plan = replace(self.plan, parameters={**self.plan.parameters, **now, **on_reboot})
            live = {**self._live, **now}
            self._live = {name: value for name, value in live.items() if name in now or name not in on_reboot}

    def run(self, binary: EngineBinary, engine: str, version: str) -> bool:
        """Have a program run for the engine that is asked for, where processes start from now on.

        Returns:
            whether another program runs somewhere at present.
        """
        with self._lock:
            self._check_running()
            other = any(node.engine.runs != binary for node in self.nodes.values())
            self.workshop = replace(self.workshop, binary=binary)
            for node in self.nodes.values():
                node.engine.binary = binary
            self.plan = replace(self.plan, engine=engine, engine_version=version)
            return other

    def _tell(self, node: Node, commands: Sequence[Sequence[str]]) -> None:
        if not commands:
            return
        try:
            with node.engine.admin() as admin:
                admin.commands(commands)
        except (OSError, ReplyError) as error:
            # One that dies meanwhile starts with all of it when it is recovered.
            if node.engine.alive:
                raise node.engine.failure(f"it did not take a change: {error}") from error


def account_commands(accounts: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Give what makes an engine know accounts."""
    # One command for each user: no client ever finds it half changed.
    return [("ACL", "SETUSER", name, "reset", *rules) for name, rules in accounts.items()]
