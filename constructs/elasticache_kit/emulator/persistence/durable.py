"""Requests are answered when what they have changed, and what they show, is on disk."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from elasticache_kit.emulator import moto_seam, service_call
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from elasticache_kit.emulator.gate import Gate
    from elasticache_kit.emulator.persistence.journal import Journal

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Operations that only look. One that is not among them costs a look at the state, and a write where it has changed.
_READS = re.compile(r"(Describe|List|Get|Head|BatchGet|Lookup|Search|Query|Filter|Validate|Simulate)[A-Z]")


def serve(application: Application, gate: Gate, journal: Journal) -> Application:
    """Let requests through the gate to an application, and hold its answers back until the journal is written.

    One that only looks waits only where something has changed that is not on disk yet. One of the emulator's own does
    not wait: it is a part of another request, or of a job that whoever looks will see.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        begun: list[tuple[Any, ...]] = []

        def begin(*arguments: Any) -> None:
            begun.append(arguments)

        inner, reads, before = service_call.is_inner(environ), _reads(environ), len(moto_seam.backends())
        # What moto makes when a service is first asked in a region has ids of its own, so it counts as a change.
        with gate.step(changes=not reads):
            body = application(environ, begin)
            whole = [b"".join(body)]
            if close := getattr(body, "close", None):
                close()
        try:
            if not inner and (not reads or journal.behind or len(moto_seam.backends()) > before):
                journal.commit()
        except EmulatorError as error:
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [str(error).encode()]
        start_response(*begun[-1])
        return whole

    return answer


def _reads(environ: dict[str, Any]) -> bool:
    """Tell whether a request only looks, by its operation in any of AWS's protocols."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return bool(_READS.match(target.rpartition(".")[2]))
    if "/operation/" in environ.get("PATH_INFO", ""):
        return bool(_READS.match(environ["PATH_INFO"].rpartition("/")[2]))
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return bool(_READS.match(parse_qs(body.decode(errors="replace")).get("Action", [""])[0]))
    return environ.get("REQUEST_METHOD") in ("GET", "HEAD", "OPTIONS")
