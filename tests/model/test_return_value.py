"""What Fn::GetAtt knows of each type."""

from __future__ import annotations

import pytest

from elasticache_kit.model import return_value
from elasticache_kit.model.change.fact import types


@pytest.mark.parametrize("type_name", sorted(types()))
def test_every_type_has_its_attributes(type_name: str) -> None:
    """Also one without any."""
    assert set(return_value.attributes(type_name).values()) <= {"string", "number", "list", "json"}


def test_a_port_is_text() -> None:
    """CloudFormation writes the ports of endpoints as strings."""
    assert return_value.attributes("AWS::ElastiCache::ReplicationGroup")["PrimaryEndPoint.Port"] == "string"


def test_a_type_of_another_service_has_none_here() -> None:
    """To ask for it is a mistake."""
    with pytest.raises(KeyError):
        return_value.attributes("AWS::EC2::VPC")
