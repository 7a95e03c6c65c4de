"""A refusal by the rulebook tells which rules were broken, beside AWS's code and sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.emulator.wire import Create

HEADER = "x-elasticache-kit-rules"


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
