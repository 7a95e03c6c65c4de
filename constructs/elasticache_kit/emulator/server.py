"""The emulator as a server: moto's API with our ElastiCache on one loopback port, engines behind it."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from elasticache_kit import __version__
from elasticache_kit.emulator import access_key, capability, cloud_control, healing, moto_seam, outage_page, runtime
from elasticache_kit.emulator.action import room
from elasticache_kit.emulator.clock import Clock
from elasticache_kit.emulator.fleet import Fleet, endpoint_name
from elasticache_kit.emulator.fleet.address import Addresses
from elasticache_kit.emulator.lifecycle import AWS, FAST, Lifecycle, Timing
from elasticache_kit.emulator.log_courier import LogCourier
from elasticache_kit.emulator.metric.sampler import Sampler
from elasticache_kit.emulator.name_server import TTL_SECONDS, NameServer
from elasticache_kit.emulator.outage.outages import Outages
from elasticache_kit.emulator.persistence import memory, restart
from elasticache_kit.emulator.persistence.keeper import Keeper
from elasticache_kit.emulator.persistence.service import KEPT
from elasticache_kit.emulator.port import HOST, listen
from elasticache_kit.emulator.runtime import Runtime
from elasticache_kit.errors import EmulatorError, PortInUseError

logger = logging.getLogger(__name__)

STOP_POLL_SECONDS = 0.02


class Emulator:
    """A running local ElastiCache.

    Args:
        directory: where engines, certificates and logs live.
        port: the port of the API on 127.0.0.1; 0 takes a free one.
        timing: how long things take; `FAST` when omitted.
        engines: whether engine processes are started. Off, the control plane answers alone.
        engine_binary: the server to run; found on this machine when omitted.
        names: whether endpoints are names of a name server, which a failover moves, and not addresses that lead
            elsewhere by themselves. When omitted they are in the timing profile `aws`.
        name_port: the port of the name server on 127.0.0.1; 0 takes a free one.
        most_engines: how many may run for replication groups; groups beyond that are control plane only, and say so.
            As many as memory is free for when omitted, see `fleet.room`.
        name_ttl: for how many seconds clients may keep an address; 5 when omitted, which is no promise of AWS.
        clock: what windows, retention and events go by; the time of this machine when omitted.
        keep: whether state is kept in the directory and taken up from there. When omitted it is gone at the end.
        fresh: whether state that is there is discarded first; it is taken up when omitted.

    Raises:
        EmulatorError: the state's directory is open to others.
        PortInUseError: another process listens on one of the ports.
        MissingToolError: no engine was found.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        timing: Timing = FAST,
        engines: bool = True,
        engine_binary: Path | None = None,
        names: bool | None = None,
        name_port: int = 0,
        name_ttl: int = TTL_SECONDS,
        most_engines: int | None = None,
        clock: Clock | None = None,
        keep: bool = False,
        fresh: bool = False,
    ) -> None:
        self.directory = directory
        self.clock = clock or Clock()
        self._socket = listen(port)
        self.port = int(self._socket.getsockname()[1])
        self._lifecycle = Lifecycle(timing)
        try:
            self._keeper = Keeper(directory, self._lifecycle.gate) if keep else None
            if self._keeper is not None and fresh:
                self._keeper.discard()
            self.fleet = (
                Fleet(directory, binary=engine_binary, secret_key=access_key.secret, most_engines=most_engines)
                if engines
                else None
            )
        except BaseException:
            self._socket.close()
            raise
        named = timing is AWS if names is None else names
        self._name_port, self._name_ttl = name_port if named and engines else None, name_ttl
        self._name_server: NameServer | None = None
        self._notes: tuple[str, ...] = ()
        if self.fleet is not None:
            self.fleet.on_loss = healing.begin
        self.outages = Outages(self.fleet)
        self._courier: LogCourier | None = None
        self._sampler = Sampler(self.fleet) if self.fleet else None
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._undo: list[Callable[[], object]] = []

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL must be."""
        return f"http://{HOST}:{self.port}"

    @property
    def account_id(self) -> str:
        """The account that moto plays."""
        return DEFAULT_ACCOUNT_ID

    @property
    def name_server(self) -> NameServer | None:
        """What knows the names of endpoints while the emulator runs; None where they are addresses."""
        return self._name_server

    @property
    def capability(self) -> dict[str, Any]:
        """What this endpoint tells of itself; AWS has no such page."""
        return {
            "name": capability.NAME,
            "version": __version__,
            "account": self.account_id,
            "profile": self._lifecycle.timing.name,
            "resolver": self._name_server.record if self._name_server else None,
            "ca_file": str(self.fleet.ca_file) if self.fleet else None,
            "engine_pids": list(self.fleet.pids()) if self.fleet else [],
            "engines": self.fleet.versions() if self.fleet else {},
            "control_plane_only": list(self.fleet.on_paper) if self.fleet else [],
            "faults": list(self.outages.kinds),
            "kept": sorted(KEPT) if self._keeper else [],
            "not_kept": sorted({service for service, *_ in moto_seam.backends()} - KEPT) if self._keeper else [],
            "notes": list(self._notes),
        }

    def start(self) -> Self:
        """Answer requests from now on.

        Raises:
            EmulatorError: another emulator runs in this process, for moto's state belongs to the process; or the
                variable for the quota of nodes is no number.
        """
        room.nodes_per_region()
        global _running  # noqa: PLW0603 - see above
        if _running is not None:
            raise EmulatorError(
                f"an emulator runs in this process already, at {_running.endpoint_url}: stop it first, or start this "
                "one in a process of its own with `elasticache-kit emulator up`."
            )
        if self._name_port is not None and self.fleet is not None:
            self._name_server = _serve_names(self.fleet, self._name_port, self._name_ttl)
        _running = self
        # The development server of werkzeug logs each request: the caller's terminal is not the place for it.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        before = runtime.use(self._runtime)
        moto_seam.forget_everything()
        seam = moto_seam.Seam()
        self._undo = [lambda: runtime.use(before), seam.undo, moto_seam.forget_everything]
        application = cloud_control.serve(DomainDispatcherApplication(seam.application))
        if self._keeper is not None:
            self._take_up(self._keeper, seam)
            application = self._keeper.serve(application)
        self._server = make_server(
            HOST, self.port, self._with_capability(application), threaded=True,
            request_handler=MotoRequestHandler, fd=self._socket.fileno(),
        )  # fmt: skip
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOP_POLL_SECONDS,), name="api", daemon=True
        )
        self._thread.start()
        if self.fleet is not None:
            self._courier = LogCourier(self.fleet, self._lifecycle.gate)
            self._courier.start()
        if self._sampler is not None:
            self._sampler.start()
        return self

    def stop(self) -> None:
        """Stop answering, stop every engine, put moto back as it was; calling it twice does no harm."""
        if self._keeper is not None:
            # What goes on now goes on when the state is taken up again.
            self._keeper.close()
        if self._courier is not None:
            self._courier.stop()
        if self._sampler is not None:
            self._sampler.stop()
        self._lifecycle.stop(patience_seconds=0.1)
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        with contextlib.suppress(OSError):
            self._socket.close()
        if self.fleet is not None:
            self.fleet.stop()
        self.outages.forget()

        if self._name_server is not None:
            self._name_server.close()
            self._name_server = None
        self._lifecycle.stop()
        for undo in reversed(self._undo):
            undo()
        self._undo = []
        global _running  # noqa: PLW0603 - see start
        if _running is self:
            _running = None

    def reset(self) -> None:
        """Begin anew: what goes on is given up, every engine ends, and every service of the account is empty."""
        self._lifecycle.stop()
        if self.fleet is not None:
            self.fleet.stop()
        if self._sampler is not None:
            self._sampler.forget()
        self.outages.forget()
        moto_seam.forget_everything()
        self._lifecycle = Lifecycle(self._lifecycle.timing, gate=self._lifecycle.gate)
        runtime.use(self._runtime)

    @property
    def _runtime(self) -> Runtime:
        names = self._name_server is not None
        return Runtime(
            self._lifecycle,
            self.fleet,
            names=names,
            clock=self.clock,
            endpoint_url=self.endpoint_url,
            sampler=self._sampler,
            outages=self.outages,
        )

    def _take_up(self, keeper: Keeper, seam: moto_seam.Seam) -> None:
        """Go on where the last emulator of the directory ended, however it did."""
        recalled = keeper.recall()
        self._notes = keeper.notes
        if recalled is not None:
            seam.put_back(recalled.backends, recalled.buckets)
            if self.fleet is not None:
                self.fleet.expect(recalled.addresses)
                self._notes = (*self._notes, *restart.start_engines(self.fleet))
                if recalled.addresses.block not in (None, self.fleet.addresses.block):
                    self._notes = (
                        *self._notes,
                        "Another emulator has the addresses of the caches: they have new ones.",
                    )
        for note in self._notes:
            logger.warning("%s", note)
        keeper.begin(self._look)
        if recalled is not None:
            self._lifecycle.resume(recalled.jobs)

    def _look(self) -> memory.Memory:
        return memory.present(self._lifecycle.jobs, self.fleet.addresses if self.fleet else Addresses())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _with_capability(self, application: Any) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if str(environ.get("PATH_INFO")).startswith(outage_page.PATH):
                return outage_page.answer(self.outages, environ, start_response)
            if environ.get("PATH_INFO") != capability.PATH:
                return application(environ, start_response)
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.capability).encode()]

        return answer


_running: Emulator | None = None


def _serve_names(fleet: Fleet, port: int, ttl: int) -> NameServer:
    try:
        return NameServer(partial(endpoint_name.addresses, fleet), port=port, ttl=ttl)
    except OSError as error:
        raise PortInUseError(
            f"port {port} on {HOST} cannot be used for the name server: {error.strerror}. Choose another one with "
            "--name-port, or do without names with --no-names."
        ) from error
