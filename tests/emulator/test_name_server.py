"""The DNS server of local endpoints, as DNS clients see it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from elasticache_kit.emulator import local_name
from elasticache_kit.emulator.name_server import Answers, NameServer

KNOWN = {
    "master.orders.elasticache-kit.test": ("127.77.1.1",),
    "replica.orders.elasticache-kit.test": ("127.77.1.2", "127.77.1.3"),
}
ANSWERS = Answers(KNOWN.get, 7)


@pytest.fixture
def server() -> Iterator[NameServer]:
    """A name server that knows two names."""
    made = NameServer(KNOWN.get, ttl=7)
    yield made
    made.close()


def ask(name: str, kind: str = "A") -> dns.message.Message:
    """Ask without the network."""
    answer = ANSWERS.to(dns.message.make_query(name, kind).to_wire())
    assert answer is not None
    return dns.message.from_wire(answer)


def told(answer: dns.message.Message) -> list[str]:
    """Give the addresses of an answer."""
    records: list[Any] = [record for rrset in cast("list[Any]", answer.answer) for record in rrset]
    return [str(record) for record in records]


def test_a_name_has_its_address_for_a_while() -> None:
    """Whatever its case is."""
    answer = ask("Master.Orders.elasticache-kit.test")
    assert (told(answer), answer.answer[0].ttl) == (["127.77.1.1"], 7)
    assert answer.flags & dns.flags.AA


def test_several_addresses_come_in_any_order() -> None:
    """Each one is the first one now and then, so that connections are spread."""
    firsts = {told(ask("replica.orders.elasticache-kit.test"))[0] for _ in range(50)}
    assert firsts == {"127.77.1.2", "127.77.1.3"}


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        ("nobody.elasticache-kit.test", "A", dns.rcode.NXDOMAIN),
        ("master.orders.elasticache-kit.test", "AAAA", dns.rcode.NOERROR),
        ("example.com", "A", dns.rcode.REFUSED),
    ],
)
def test_there_is_nothing_else(name: str, kind: str, rcode: dns.rcode.Rcode) -> None:
    """No such name, no address of that kind, or none of its business."""
    answer = ask(name, kind)
    assert (answer.rcode(), told(answer)) == (rcode, [])


def test_what_is_no_question_is_not_answered() -> None:
    """Nor does it stop the server."""
    assert ANSWERS.to(b"nonsense") is None


@pytest.mark.parametrize("ask_over", [dns.query.udp, dns.query.tcp])
def test_it_answers_over_the_network(server: NameServer, ask_over: Callable[..., dns.message.Message]) -> None:
    """Over UDP and TCP on the same port of loopback."""
    host, port = server.place
    question = dns.message.make_query("master.orders.elasticache-kit.test", "A")
    assert told(ask_over(question, host, port=port, timeout=5)) == ["127.77.1.1"]


def test_python_finds_these_names_and_all_others_as_before(server: NameServer) -> None:
    """For as long as that is asked for."""
    with local_name.found(server.place):
        found = socket.getaddrinfo("replica.orders.elasticache-kit.test", 6379, type=socket.SOCK_STREAM)
        assert {entry[4] for entry in found} == {("127.77.1.2", 6379), ("127.77.1.3", 6379)}
        with pytest.raises(socket.gaierror, match="nobody"):
            socket.getaddrinfo("nobody.elasticache-kit.test", 6379)
        assert socket.getaddrinfo("localhost", 6379, socket.AF_INET)[0][4] == ("127.0.0.1", 6379)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("master.orders.elasticache-kit.test", 6379)
