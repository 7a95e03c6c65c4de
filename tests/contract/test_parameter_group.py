"""Parameter groups, on the emulator and with --aws on AWS: there they cost nothing, and each is removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

FAMILY = "valkey8"


@pytest.fixture
def group(elasticache: Any, name: str) -> Iterator[str]:
    """The name of a parameter group."""
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily=FAMILY, Description="of a contract test"
    )
    yield name
    elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)


def value(elasticache: Any, group: str, parameter: str, source: str | None = None) -> str | None:
    """Return the value that a group gives a parameter, of those whose source is asked for."""
    given = {"Source": source} if source else {}
    pages = elasticache.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=group, **given)
    found = {item["ParameterName"]: item.get("ParameterValue") for page in pages for item in page["Parameters"]}
    return found.get(parameter)


def change(elasticache: Any, group: str, parameter: str, to: str) -> None:
    """Set a parameter."""
    elasticache.modify_cache_parameter_group(
        CacheParameterGroupName=group, ParameterNameValues=[{"ParameterName": parameter, "ParameterValue": to}]
    )


def test_a_value_is_set_and_taken_back(elasticache: Any, group: str) -> None:
    """What was set is of the user; after a reset it is the family's again."""
    before = value(elasticache, group, "timeout")

    change(elasticache, group, "timeout", "20")
    during = value(elasticache, group, "timeout", "user")
    elasticache.reset_cache_parameter_group(CacheParameterGroupName=group, ResetAllParameters=True)

    assert (before, during, value(elasticache, group, "timeout")) == ("0", "20", "0")


@pytest.mark.parametrize(
    ("parameter", "to"), [("timeout", "-1"), ("no-such-parameter", "1"), ("maxmemory-policy", "x")]
)
def test_what_the_family_does_not_take(elasticache: Any, group: str, parameter: str, to: str) -> None:
    """Out of range, unknown, not among the values."""
    with pytest.raises(ClientError) as caught:
        change(elasticache, group, parameter, to)

    response: Any = caught.value.response
    assert response["Error"]["Code"] in ("InvalidParameterValue", "InvalidParameterCombination")


def test_a_group_is_found_in_any_case(elasticache: Any, group: str) -> None:
    """With its family and its ARN; nobody but AWS makes a global one."""
    (found,) = elasticache.describe_cache_parameter_groups(CacheParameterGroupName=group.upper())[
        "CacheParameterGroups"
    ]

    assert (found["CacheParameterGroupName"], found["CacheParameterGroupFamily"]) == (group, FAMILY)
    assert found["ARN"].split(":")[5:] == ["parametergroup", group]
    assert found["IsGlobal"] is False


def test_the_group_of_aws_stays(elasticache: Any) -> None:
    """A default group is listed, and neither changed nor removed."""
    default = f"default.{FAMILY}"
    assert elasticache.describe_cache_parameter_groups(CacheParameterGroupName=default)["CacheParameterGroups"]
    with pytest.raises(ClientError):
        change(elasticache, default, "timeout", "20")
    with pytest.raises(ClientError):
        elasticache.delete_cache_parameter_group(CacheParameterGroupName=default)

    assert value(elasticache, default, "timeout") == "0"


def test_a_name_is_there_once(elasticache: Any, group: str) -> None:
    """A second one of the name is refused, with the code that boto3 knows."""
    with pytest.raises(elasticache.exceptions.CacheParameterGroupAlreadyExistsFault):
        elasticache.create_cache_parameter_group(
            CacheParameterGroupName=group.upper(), CacheParameterGroupFamily=FAMILY, Description="again"
        )


def test_what_is_not_there(elasticache: Any, name: str) -> None:
    """It is said with the code that boto3 knows."""
    with pytest.raises(elasticache.exceptions.CacheParameterGroupNotFoundFault):
        elasticache.describe_cache_parameter_groups(CacheParameterGroupName=name)
