"""Cache security groups, which AWS refuses to accounts of today."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code

INGRESS = {"CacheSecurityGroupName": "g", "EC2SecurityGroupName": "e", "EC2SecurityGroupOwnerId": "1"}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_cache_security_group", {"CacheSecurityGroupName": "g", "Description": "d"}),
        ("delete_cache_security_group", {"CacheSecurityGroupName": "g"}),
        ("authorize_cache_security_group_ingress", INGRESS),
        ("revoke_cache_security_group_ingress", INGRESS),
    ],
)
def test_none_can_be_made(client: Client, operation: str, request_: dict[str, Any]) -> None:
    """In AWS's words."""
    with pytest.raises(ClientError, match="Use of cache security groups is not permitted") as caught:
        getattr(client("elasticache"), operation)(**request_)

    assert code(caught) == "InvalidParameterValue"


def test_there_are_none(client: Client) -> None:
    """The list is empty, and a name is not found."""
    api = client("elasticache")

    assert api.describe_cache_security_groups()["CacheSecurityGroups"] == []
    with pytest.raises(api.exceptions.CacheSecurityGroupNotFoundFault):
        api.describe_cache_security_groups(CacheSecurityGroupName="default")
