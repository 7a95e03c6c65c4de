"""Requests wait for the disk where they must."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.emulator import service_call
from elasticache_kit.emulator.gate import Gate
from elasticache_kit.emulator.persistence import durable
from elasticache_kit.emulator.persistence.journal import Journal
from elasticache_kit.emulator.persistence.state_file import NAME, StateFile

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def request(method: str = "POST", target: str = "", path: str = "/", form: str = "") -> dict[str, Any]:
    """Return a request as a server gives it to an application."""
    made: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path}
    if target:
        made["HTTP_X_AMZ_TARGET"] = target
    if form:
        made |= {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(len(form)), "wsgi.input": io.BytesIO(form.encode())}
    return made


class World:
    """An application whose only state is how often it was asked."""

    def __init__(self, directory: Path) -> None:
        self.gate, self.asked = Gate(), 0
        self.file = StateFile(directory / "state", {})
        self.journal = Journal(self.gate, self.file, lambda: str(self.asked).encode())
        self._application = durable.serve(self._answer, self.gate, self.journal)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked += 1
        start_response("200 OK", [])
        return [environ["wsgi.input"].read() if "wsgi.input" in environ else b"body"]

    def ask(self, environ: dict[str, Any]) -> tuple[str, bytes]:
        """Return the status and body of an answer."""
        begun: list[str] = []

        def begin(status: str, headers: list[tuple[str, str]]) -> None:
            del headers
            begun.append(status)

        body = b"".join(self._application(environ, begin))
        return begun[0], body


@pytest.fixture
def world(tmp_path: Path) -> Any:
    """An application with a journal."""
    made = World(tmp_path)
    yield made
    made.journal.close()


CHANGES = [
    request(target="AmazonSSM.PutParameter"),
    request(form="Action=CreateReplicationGroup&Version=2015-02-02"),
    request("PUT", path="/bucket/key"),
    request(path="/service/GraniteServiceVersion20100801/operation/PutMetricAlarm"),
    request(form="Action=TestFailover"),
    request(form="Version=1"),
]
READS = [
    request(target="AmazonSSM.GetParameter"),
    request(form="Action=DescribeReplicationGroups&Version=2015-02-02"),
    request("GET", path="/bucket/key"),
    request("HEAD", path="/bucket/key"),
    request(path="/service/GraniteServiceVersion20100801/operation/DescribeAlarms"),
    request(form="Action=ListTagsForResource"),
]


@pytest.mark.parametrize("environ", CHANGES)
def test_a_change_is_answered_when_it_is_on_disk(world: World, environ: dict[str, Any]) -> None:
    """The state on disk at the moment of the answer has it."""
    assert world.ask(dict(environ))[0] == "200 OK"

    assert world.file.read().payload == b"1"


@pytest.mark.parametrize("environ", READS)
def test_a_look_waits_for_nothing(world: World, environ: dict[str, Any]) -> None:
    """Once all that anybody has changed is written."""
    world.journal.commit()
    written = (world.file.directory / NAME).stat().st_mtime_ns

    assert world.ask(dict(environ))[0] == "200 OK"

    assert not world.journal.behind
    assert (world.file.directory / NAME).stat().st_mtime_ns == written


def test_a_look_at_what_a_job_has_changed_waits_until_that_is_written(world: World) -> None:
    """Nobody sees what could be gone after a kill."""
    world.journal.commit()
    with world.gate.step(changes=True):
        world.asked = 41
    world.ask(request("GET"))

    assert world.file.read().payload == b"42"


def test_the_body_of_a_form_reaches_the_application(world: World) -> None:
    """It was read to learn the operation."""
    assert world.ask(request(form="Action=CreateUser&UserId=a"))[1] == b"Action=CreateUser&UserId=a"


def test_what_cannot_be_written_is_not_acknowledged(world: World) -> None:
    """The client gets an error with the reason; once there is room again, so is the answer."""
    blocked = world.file.directory / "state.new"
    # The first write may be under way: its draft has the name for a moment.
    while not blocked.is_dir():
        with contextlib.suppress(FileExistsError):
            blocked.mkdir()

    status, body = world.ask(request("PUT"))

    assert status.startswith("500")
    assert b"could not be written" in body
    blocked.rmdir()
    assert world.ask(request("PUT"))[0] == "200 OK"
    assert world.file.read().payload == b"2"


def test_a_call_of_the_emulators_own_waits_for_nothing(world: World) -> None:
    """Whoever waits for what it is a part of waits for the disk; nobody else can say that a request is such a one."""
    blocked = world.file.directory / "state.new"
    while not blocked.is_dir():
        with contextlib.suppress(FileExistsError):
            blocked.mkdir()
    header = f"HTTP_{service_call.INNER_HEADER.upper().replace('-', '_')}"

    inner, pretended = ({**request("PUT"), header: said} for said in (service_call.INNER, "pretended"))

    assert world.ask(inner)[0] == "200 OK"
    assert world.ask(pretended)[0].startswith("500")
    blocked.rmdir()
    world.journal.commit()
    assert world.file.read().payload == b"2"
