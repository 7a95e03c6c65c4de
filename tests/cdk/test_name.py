"""Names as ElastiCache keeps them."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from constructs import Construct

from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.model.identifier import replication_group_id


def test_lower_case() -> None:
    """Capitals go; a token is kept as it is, because capitals are part of it."""
    token = f"Orders-{Aws.REGION}"

    assert lower_case("Orders-1") == "orders-1"
    assert lower_case(None) is None
    assert lower_case(token) == token


def test_unique_name(stack: Stack) -> None:
    """A made-up name is one that ElastiCache takes, differs with the path and is not too long."""
    one, other = Construct(stack, "Cache_1-" + "x" * 100), Construct(Construct(stack, "Deep"), "Cache_1")
    names = [unique_name(one, 40), unique_name(other, 40)]

    assert len(set(names)) == 2
    for name in names:
        assert replication_group_id(name) == ()
        assert name == name.lower()
    assert unique_name(one, 40) == names[0]
