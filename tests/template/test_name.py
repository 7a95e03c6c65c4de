"""The names of properties, from the rulebook's to the template's and back."""

from __future__ import annotations

import pytest

from elasticache_kit.model.property import properties, resource_types, snake
from elasticache_kit.template import name

GROUP = "AWS::ElastiCache::ReplicationGroup"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("port", "Port"),
        (
            "node_group_configuration[2].replica_availability_zones",
            "NodeGroupConfiguration[2].ReplicaAvailabilityZones",
        ),
        ("log_delivery_configurations[0].destination", "LogDeliveryConfigurations[0].DestinationDetails"),
        ("NodeGroupConfiguration[0].Slots", "NodeGroupConfiguration[0].Slots"),
        ("maxmemory-policy", "maxmemory-policy"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    """A path of the rulebook becomes one of the template; what it does not have stays."""
    assert name.written(name.translate(GROUP, path)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set multi_az_enabled=True", "set MultiAZEnabled=true"),
        ("take a newer engine_version", "take a newer EngineVersion"),
        ("set engine='valkey', for the engine knows", "set Engine='valkey', for the engine knows"),
        ("set it, or False where plain text will do", "set it, or false where plain text will do"),
        ("a port is 1 to 65535", "a port is 1 to 65535"),
    ],
)
def test_sentences(text: str, expected: str) -> None:
    """Only what is a name for sure is changed in a sentence."""
    assert name.in_words(GROUP, text) == expected


def test_no_two_properties_of_a_type_are_written_alike() -> None:
    """The way back is never in doubt at the top of a type."""
    for resource_type in resource_types():
        found = properties(resource_type)
        assert len({snake(item) for item in found}) == len(found)
