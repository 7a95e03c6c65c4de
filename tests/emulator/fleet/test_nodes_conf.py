"""The file nodes.conf and the answer of CLUSTER NODES."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode, Layout, hide, parse, render

IDS = [f"{number:040x}" for number in range(8)]
SLOTS = st.lists(st.integers(0, 8000).map(lambda low: f"{low}-{low + 10}"), max_size=3).map(tuple)


def known(node_id: str, primary_id: str | None, slots: tuple[str, ...], epoch: int) -> ClusterNode:
    """Make a node at an address of its own; a replica has no slots."""
    address = f"127.20.1.{int(node_id, 16) + 1}"
    kept = () if primary_id else slots
    return ClusterNode(node_id=node_id, address=address, primary_id=primary_id, slots=kept, epoch=epoch)


NODES = st.builds(known, st.sampled_from(IDS), st.one_of(st.none(), st.sampled_from(IDS)), SLOTS, st.integers(0, 1000))
PLAIN = Layout(port=6379, bus_port=16379)


@given(nodes=st.lists(NODES, min_size=1, max_size=8, unique_by=lambda node: node.node_id))
def test_what_is_written_is_read_back(nodes: list[ClusterNode]) -> None:
    """Who is where, whose replica and with which slots survives writing and reading."""
    text = render(nodes, myself=nodes[0].node_id, shards=dict.fromkeys(IDS, "a" * 40), layout=PLAIN, current_epoch=7)
    *lines, variables = text.splitlines()
    read = parse("\n".join(lines))
    assert variables == "vars currentEpoch 7 lastVoteEpoch 0"
    assert [replace(node, flags=frozenset()) for node in read.values()] == nodes
    assert [node.node_id for node in read.values() if "myself" in node.flags] == [nodes[0].node_id]


def test_clients_are_told_another_port() -> None:
    """Behind a TLS front engines find each other at their own port and send clients to the front's."""
    layout = Layout(port=6380, bus_port=16379, client_port=6379)
    node = ClusterNode(node_id=IDS[0], address="127.20.1.1", slots=("0-16383",), epoch=3)
    line = render([node], myself=IDS[0], shards={IDS[0]: "a" * 40}, layout=layout, current_epoch=3).splitlines()[0]
    place = f"127.20.1.1:6380@16379,,client-tcp-port=6379,shard-id={'a' * 40}"
    assert line == f"{IDS[0]} {place} myself,master - 0 0 3 connected 0-16383"


def test_clients_are_told_another_address() -> None:
    """Of a node that is elsewhere, with its own ports for engines, which do not look for one without an address."""
    node = ClusterNode(node_id=IDS[0], address="127.20.1.9", port=6390, bus_port=1, client_address="127.20.1.7")
    near, far = (
        render([item], myself=IDS[1], shards={IDS[0]: "a" * 40}, layout=PLAIN, current_epoch=3).split()[1]
        for item in (node, replace(node, address=""))
    )
    assert near == f"127.20.1.9:6390@1,,client-ipv4=127.20.1.7,client-tcp-port=6379,shard-id={'a' * 40}"
    assert far == f":0@0,,client-ipv4=127.20.1.7,client-tcp-port=6379,shard-id={'a' * 40}"


def test_what_passes_is_left_out() -> None:
    """Nodes that shake hands and slots on the move are not passed on; failures are not written."""
    answer = (
        f"{IDS[0]} 127.20.1.1:6379@16379 myself,master - 0 0 3 connected 0-100 [93->-{IDS[1]}]\n"
        f"{IDS[1]} 127.20.1.2:6379@16379 master,fail - 0 0 2 disconnected 101-200\n"
        f"{IDS[2]} 127.20.1.3:6379@16379 handshake - 0 0 0 connected\n"
    )
    read = parse(answer)
    assert list(read) == IDS[:2]
    assert read[IDS[0]].slots == ("0-100",)
    assert not read[IDS[1]].connected
    text = render(read.values(), myself=IDS[1], shards=dict.fromkeys(IDS, "a" * 40), layout=PLAIN, current_epoch=3)
    assert "fail" not in text


def test_hidden_nodes_are_known_but_for_their_address() -> None:
    """They keep their role, slots and port for clients; the others keep all."""
    layout = Layout(port=6380, bus_port=16379, client_port=6379)
    nodes = [known(IDS[0], None, ("0-100",), 3), known(IDS[1], IDS[0], (), 0)]
    text = render(nodes, myself=IDS[1], shards=dict.fromkeys(IDS, "a" * 40), layout=layout, current_epoch=3)
    hidden = hide(text, frozenset({IDS[0]}))
    assert hidden.splitlines()[1:] == text.splitlines()[1:]
    place = f":0@0,,client-tcp-port=6379,shard-id={'a' * 40}"
    assert hidden.splitlines()[0] == f"{IDS[0]} {place} master - 0 0 3 connected 0-100"
    assert hide(text, frozenset()) == text
