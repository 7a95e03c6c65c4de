"""Logs of real engines arrive in CloudWatch Logs and Firehose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import valkey

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

SLOW, ENGINE = "/cache/slow", "/cache/engine"


def delivery(log_type: str, log_format: str, *, stream: str | None = None, group: str | None = None) -> dict[str, Any]:
    """Write one LogDeliveryConfiguration."""
    details = (
        {"KinesisFirehoseDetails": {"DeliveryStream": stream}}
        if stream
        else {"CloudWatchLogsDetails": {"LogGroup": group}}
    )
    kind = "kinesis-firehose" if stream else "cloudwatch-logs"
    return {"LogType": log_type, "LogFormat": log_format, "DestinationType": kind, "DestinationDetails": details}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Clients of an emulator with a primary and a replica, `orders`, that deliver both logs."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as emulator:
        made = client_of(emulator.endpoint_url)
        make_subnet_group(made, make_subnets(made, "ab"))
        made("logs").create_log_group(logGroupName=SLOW)
        made("elasticache").create_cache_parameter_group(
            CacheParameterGroupName="slow", CacheParameterGroupFamily="valkey8", Description="d"
        )
        # Every command is a slow one.
        made("elasticache").modify_cache_parameter_group(
            CacheParameterGroupName="slow",
            ParameterNameValues=[{"ParameterName": "slowlog-log-slower-than", "ParameterValue": "0"}],
        )
        make_group(
            made, NumCacheClusters=2, TransitEncryptionEnabled=False, CacheParameterGroupName="slow",
            LogDeliveryConfigurations=[
                delivery("slow-log", "json", group=SLOW), delivery("engine-log", "text", group=ENGINE),
            ],
        )  # fmt: skip
        available(made("elasticache"))
        yield made


def messages(client: Client, group: str, stream: str) -> list[str]:
    """Give what a log stream holds; nothing where it is not there yet."""
    logs = client("logs")
    try:
        return [event["message"] for event in logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def primary(client: Client) -> Any:
    """Connect to the primary."""
    endpoint = available(client("elasticache"))["NodeGroups"][0]["PrimaryEndpoint"]
    return valkey.Valkey(host=endpoint["Address"], port=endpoint["Port"], client_name="checkout")


def test_slow_commands_arrive_in_the_log_group(client: Client) -> None:
    """As JSON, in the stream of the node, without key and value; commands of the emulator itself are not among them."""
    with primary(client) as connection:
        connection.set("secret-key", "secret-value")
    stream = "elasticache/valkey/orders-001/0001/slow-log"
    found = until(lambda: messages(client, SLOW, stream), lambda seen: any("SET ..." in item for item in seen))
    entries = [json.loads(item) for item in found]
    (entry,) = [item for item in entries if item["Command"] == "SET ... (2 more arguments)"]
    assert (entry["CacheClusterId"], entry["CacheNodeId"], entry["ClientName"]) == ("orders-001", "0001", "checkout")
    assert "secret" not in "".join(found)
    assert not [item for item in entries if item["ClientName"] == "elasticache-kit"]
    assert len({item["Id"] for item in entries}) == len(entries)


def test_the_status_tells_of_a_destination_that_is_not_there(client: Client) -> None:
    """It is `error` until the log group is there; then what the engines have written since they started arrives."""
    statuses = {
        item["LogType"]: item["Status"] for item in available(client("elasticache"))["LogDeliveryConfigurations"]
    }
    assert statuses == {"slow-log": "active", "engine-log": "error"}
    client("logs").create_log_group(logGroupName=ENGINE)
    shown = available(client("elasticache"))["LogDeliveryConfigurations"]
    assert {item["Status"] for item in shown} == {"active"}
    stream = "elasticache/valkey/orders-002/0001/engine-log"
    found = until(
        lambda: messages(client, ENGINE, stream), lambda seen: any("Finished with success" in x for x in seen)
    )
    assert all(item.startswith("orders-002/0001:") and " UTC " in item for item in found)


def test_firehose_gets_what_is_delivered_to_it(client: Client) -> None:
    """Changed to a delivery stream, logs arrive there as lines and no longer in the log group."""
    store = client("s3")
    store.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("firehose").create_delivery_stream(
        DeliveryStreamName="slow",
        S3DestinationConfiguration={"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::logs"},
    )
    client("elasticache").modify_replication_group(
        ReplicationGroupId="orders", ApplyImmediately=True,
        LogDeliveryConfigurations=[delivery("slow-log", "text", stream="slow")],
    )  # fmt: skip
    with primary(client) as connection:
        connection.getdel("secret-key")

    def stored() -> list[str]:
        keys = [item["Key"] for item in store.list_objects_v2(Bucket="logs").get("Contents", [])]
        texts = [store.get_object(Bucket="logs", Key=key)["Body"].read().decode() for key in keys]
        return [line for text in texts for line in text.splitlines()]

    found = until(stored, lambda seen: any(",GETDEL ... (1 more arguments)," in line for line in seen))
    assert all(line.startswith(("orders-001,0001,", "orders-002,0001,")) for line in found)
    # The log group had that one; and the engine's log, which the request did not name, goes on.
    assert not [line for line in found if ",SET ... (2 more arguments),127.0.0.1:" in line]
    shown = available(client("elasticache"))["LogDeliveryConfigurations"]
    assert {(item["LogType"], item["DestinationType"]) for item in shown} == {
        ("slow-log", "kinesis-firehose"),
        ("engine-log", "cloudwatch-logs"),
    }


def test_zones_are_announced(client: Client) -> None:
    """Each node tells clients its zone, so that they can read from the nearest one."""
    members = available(client("elasticache"))["NodeGroups"][0]["NodeGroupMembers"]
    zones: dict[str, str] = {}
    for member in members:
        endpoint = member["ReadEndpoint"]
        connection: Any = valkey.Valkey(host=endpoint["Address"], port=endpoint["Port"], decode_responses=True)
        with connection as node:
            zones[member["CacheClusterId"]] = node.info("server")["availability_zone"]
    assert zones == {member["CacheClusterId"]: member["PreferredAvailabilityZone"] for member in members}
    assert len(set(zones.values())) == 2
