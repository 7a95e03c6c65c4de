"""What CloudFormation knows of the properties of ElastiCache's types."""

from __future__ import annotations

import pytest

from elasticache_kit.model.property import Property, properties, resource_types, snake

GROUP = "AWS::ElastiCache::ReplicationGroup"


def member(of: Property, name: str) -> Property:
    """Return a member of a record."""
    assert of.properties is not None
    return of.properties[name]


def test_all_types_are_there() -> None:
    """The twelve types that CloudFormation has, the two of EC2-Classic among them."""
    assert len(resource_types()) == 12
    assert GROUP in resource_types()


def test_a_type_that_is_not_there() -> None:
    """Is a KeyError, for the caller asked for something else than a type of ElastiCache."""
    with pytest.raises(KeyError):
        properties("AWS::RDS::DBInstance")


@pytest.mark.parametrize(
    ("kind", "written", "spelled"),
    [
        (Property("Mode", "string", values=("on", "off"), any_case=True), "ON", "on"),
        (Property("Unit", "string", values=("GB",), any_case=True), "gb", "GB"),
        (Property("Mode", "string", values=("on", "off"), any_case=True), "Dim", "Dim"),
        (Property("Mode", "string", values=("on", "off")), "ON", "ON"),
        (Property("Name", "string"), "Orders", "Orders"),
    ],
)
def test_how_a_word_is_spelled(kind: Property, written: str, spelled: str) -> None:
    """As the list of values has it, where CloudFormation does not mind."""
    assert kind.spelled(written) == spelled


def test_what_must_be_given() -> None:
    """A replication group needs its description, a cache cluster three properties."""
    required = {name: [key for key, found in properties(name).items() if found.required] for name in resource_types()}

    assert required[GROUP] == ["ReplicationGroupDescription"]
    assert required["AWS::ElastiCache::CacheCluster"] == ["CacheNodeType", "Engine", "NumCacheNodes"]
    assert required["AWS::ElastiCache::SecurityGroup"] == ["Description"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AuthToken", Property("AuthToken", "string")),
        ("MultiAZEnabled", Property("MultiAZEnabled", "boolean")),
        ("ReplicasPerNodeGroup", Property("ReplicasPerNodeGroup", "integer", minimum=0, maximum=5)),
        (
            "TransitEncryptionMode",
            Property("TransitEncryptionMode", "string", values=("preferred", "required"), any_case=True),
        ),
        (
            "SecurityGroupIds",
            Property("SecurityGroupIds", "list", unique=True, items=Property("SecurityGroupIds", "string")),
        ),
    ],
)
def test_what_a_property_is(name: str, expected: Property) -> None:
    """Type, range and values come from the schema; what it does not say is not there."""
    assert properties(GROUP)[name] == expected


def test_records_have_members() -> None:
    """A list of records leads to the members of each."""
    delivery = properties(GROUP)["LogDeliveryConfigurations"].items
    assert delivery is not None
    assert delivery.type == "record"
    group = member(member(member(delivery, "DestinationDetails"), "CloudWatchLogsDetails"), "LogGroup")

    assert member(delivery, "LogType").required
    assert group == Property("LogGroup", "string", required=True)


def test_what_only_aws_sets() -> None:
    """Endpoints are read, and a record whose members all are read-only is read-only, too."""
    primary = properties(GROUP)["PrimaryEndPoint"]
    serverless = properties("AWS::ElastiCache::ServerlessCache")

    assert primary.read_only
    assert member(primary, "Address").read_only
    assert serverless["Endpoint"].read_only
    assert not serverless["KmsKeyId"].read_only


def test_what_is_deprecated() -> None:
    """Cache security groups went with EC2-Classic."""
    assert [name for name, found in properties(GROUP).items() if found.deprecated] == ["CacheSecurityGroupNames"]


def test_a_map_takes_any_names() -> None:
    """The parameters of a parameter group are no record."""
    parameters = properties("AWS::ElastiCache::ParameterGroup")["Properties"]

    assert parameters.type == "map"
    assert parameters.properties is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Port", "port"),
        ("MultiAZEnabled", "multi_az_enabled"),
        ("PreferredCacheClusterAZs", "preferred_cache_cluster_azs"),
        ("AZMode", "az_mode"),
        ("ECPUPerSecond", "ecpu_per_second"),
        ("KmsKeyId", "kms_key_id"),
    ],
)
def test_snake(written: str, expected: str) -> None:
    """Abbreviations are one word."""
    assert snake(written) == expected
