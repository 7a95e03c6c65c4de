"""A refusal by the rulebook tells which rules were broken, beside AWS's code and sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from elasticache_kit.emulator.operation import OPERATIONS

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator
    from tests.emulator.wire import Create

HEADER = "x-elasticache-kit-rules"


def required(operation: str) -> list[str]:
    """Return the members that an operation requires."""
    model: Any = get_service_model("elasticache")
    shape = model.operation_model(operation).input_shape
    return shape.required_members if shape else []


def headers(error: ClientError) -> dict[str, str]:
    """Return the headers of an answer that is an error."""
    response: Any = error.response
    return response["ResponseMetadata"]["HTTPHeaders"]


def test_every_broken_rule_is_named_once(group: Create) -> None:
    """In the order of the sentences."""
    with pytest.raises(ClientError) as caught:
        group(Port=70000, SnapshotRetentionLimit=36)

    assert set(headers(caught.value)[HEADER].split(", ")) == {"rg-port", "bk-retention"}


def test_other_errors_name_no_rule(group: Create) -> None:
    """A group that exists already breaks no rule of the book."""
    group()

    with pytest.raises(ClientError, match="already exists") as caught:
        group()

    assert HEADER not in headers(caught.value)


def test_a_default_parameter_group_that_does_not_exist_breaks_a_rule(group: Create) -> None:
    """The rulebook says so, with AWS's own code."""
    with pytest.raises(ClientError) as caught:
        group(CacheParameterGroupName="default.valkey1")

    assert "pg-default-exists" in headers(caught.value)[HEADER]


def test_where_logs_go_is_judged_by_the_rulebook(group: Create) -> None:
    """Also while the emulator delivers no logs itself."""
    delivery = {"LogType": "slow-log", "LogFormat": "json", "DestinationType": "cloudwatch-logs"}

    with pytest.raises(ClientError) as caught:
        group(LogDeliveryConfigurations=[{**delivery, "DestinationDetails": {}}])

    assert headers(caught.value)[HEADER] == "rg-log-shape"


SHARDED = {"NumCacheClusters": None, "AutomaticFailoverEnabled": True, "ReplicasPerNodeGroup": 1}


@pytest.mark.parametrize(
    ("shards", "reason"),
    [
        ([{"NodeGroupId": "0001", "Slots": "8192-16383"}], "do not hold each of the 16384 slots once"),
        ([{"Slots": "0-8191"}, {"Slots": "8191-16383"}], "do not hold each of the 16384 slots once"),
        ([{"NodeGroupId": "1"}, {"NodeGroupId": "0001"}], "two shards with the id 0001"),
    ],
)
def test_shards_that_no_engine_could_run(group: Create, shards: list[dict[str, str]], reason: str) -> None:
    """A gap, an overlap, one id twice: no source says what AWS does, and a cluster of that would be broken."""
    with pytest.raises(ClientError, match=f"{reason} are not implemented by the local emulator yet"):
        group(**SHARDED, CacheParameterGroupName="default.valkey8.cluster.on", NodeGroupConfiguration=shards)


def test_a_character_that_no_answer_can_hold(group: Create) -> None:
    """It is refused by the name of its member, and not written into an answer that nobody can read."""
    with pytest.raises(ClientError, match="Key, ReplicationGroupDescription: a control character"):
        group(ReplicationGroupDescription="a\x00b", Tags=[{"Key": "\x0b", "Value": "x"}])


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if required(name)])
def test_a_member_that_is_required_and_not_sent(control_plane: Emulator, operation: str) -> None:
    """SDKs refuse it themselves; another client is told what is missing, or that nothing of no name is there."""
    bare = boto3.client(
        "elasticache", endpoint_url=control_plane.endpoint_url, region_name="eu-west-1", aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - moto takes any
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )  # fmt: skip

    with pytest.raises(ClientError) as caught:
        getattr(bare, xform_name(operation))()

    response: Any = caught.value.response
    assert response["Error"]["Code"] != "InternalFailure", response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)
