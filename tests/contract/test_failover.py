"""Deploy, write, fail over, read back, destroy: the whole path, the same on the emulator and on AWS."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from valkey.cluster import ValkeyCluster

if TYPE_CHECKING:
    from tests.contract.conftest import Synth, Target

KEYS = 200
FAILOVER_SECONDS = 900
DISABLED = "elasticache-kit-replication-group"
ENABLED = "elasticache-kit-sharded-replication-group"

pytestmark = [
    pytest.mark.engine,
    pytest.mark.cli,
    # valkey-py drops the socket of a TLS handshake that fails, which a failover brings about, without closing it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def wait_for_events(elasticache: Any, group: str, since: dt.datetime, last: str) -> list[str]:
    """Follow the events of a group and its members until one begins as asked, and return their messages in order."""
    deadline = time.monotonic() + FAILOVER_SECONDS
    while time.monotonic() < deadline:
        # The newest comes first.
        events = elasticache.describe_events(StartTime=since)["Events"]
        messages = [event["Message"] for event in reversed(events) if event["SourceIdentifier"].startswith(group)]
        if any(message.startswith(last) for message in messages):
            return messages
        time.sleep(0.2)
    raise AssertionError(f"no event {last!r} of {group}")


def until_written(client: Any, key: str, value: str) -> None:
    """Write as an application would during a failover: again until it is acknowledged."""
    deadline = time.monotonic() + FAILOVER_SECONDS
    while True:
        try:
            client.set(key, value)
        except (valkey.ValkeyError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize("stack", [DISABLED, ENABLED])
def test_a_group_survives_the_loss_of_a_primary(target: Target, synth: Synth, stack: str) -> None:
    """What was written before the failover is read after it, roles have changed, and the stack goes without a trace."""
    elasticache = target.client("elasticache")
    outputs = target.deploy(synth(), stack)[stack]
    group = outputs["ReplicationGroupId"]
    described = elasticache.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
    assert described["Status"] == "available"
    assert described["TransitEncryptionEnabled"] is True
    tls: dict[str, Any] = {
        "ssl": True,
        "ssl_ca_certs": target.ca_file,
        "socket_timeout": 30,
        "socket_connect_timeout": 30,
    }
    client: Any
    if stack == ENABLED:
        endpoint = described["ConfigurationEndpoint"]
        client = ValkeyCluster(host=endpoint["Address"], port=endpoint["Port"], **tls)
    else:
        endpoint = described["NodeGroups"][0]["PrimaryEndpoint"]
        client = valkey.Valkey(host=endpoint["Address"], port=endpoint["Port"], **tls)
    for number in range(KEYS):
        client.set(f"before:{number}", str(number))
    # Replication is asynchronous: what a replica has not confirmed may be lost.
    for primary in [{}] if stack == DISABLED else [{"target_nodes": node} for node in client.get_primaries()]:
        assert client.execute_command("WAIT", 1, 20_000, **primary) >= 1

    since = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    elasticache.test_failover(ReplicationGroupId=group, NodeGroupId="0001")
    until_written(client, "during", "written")
    messages = wait_for_events(elasticache, group, since, "Finished recovery")

    # Before it, the group may just have been made.
    called = next(place for place, message in enumerate(messages) if message.startswith("Test Failover"))
    kinds = [message.split(" ")[0] for message in messages[called:]]
    assert kinds == ["Test", "Failover", "Failover", "Recovering", "Finished"]
    assert [client.get(f"before:{number}") for number in range(KEYS)] == [
        str(number).encode() for number in range(KEYS)
    ]
    assert client.get("during") == b"written"
    if stack == DISABLED:
        after = elasticache.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
        roles = {item["CacheClusterId"]: item["CurrentRole"] for item in after["NodeGroups"][0]["NodeGroupMembers"]}
        assert roles[f"{group}-001"] == "replica"
        assert sorted(roles.values()).count("primary") == 1
    with contextlib.suppress(Exception):
        client.close()

    target.destroy(synth(), stack)
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId=group)
