"""GlobalReplicationGroup."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack

from elasticache_kit.cdk.auto_scaling import NodeGroupScaling
from elasticache_kit.cdk.engine_version import ValkeyVersion
from elasticache_kit.cdk.global_replication_group import GlobalReplicationGroup, IGlobalReplicationGroup
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.node_type import NodeType
from tests.cdk.conftest import isolated_vpc
from tests.cdk.linted import linted, only

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

TYPE = "AWS::ElastiCache::GlobalReplicationGroup"
GROUP = "AWS::ElastiCache::ReplicationGroup"
LARGE = NodeType.of("cache.r7g.large")
# What the page of the CLI says not to pass for a secondary, because ElastiCache infers it from the primary.
INFERRED = {
    "PrimaryClusterId",
    "AutomaticFailoverEnabled",
    "NumNodeGroups",
    "CacheParameterGroupName",
    "CacheNodeType",
    "Engine",
    "EngineVersion",
    "CacheSecurityGroupNames",
    "TransitEncryptionEnabled",
    "AtRestEncryptionEnabled",
    "SnapshotArns",
    "SnapshotName",
}

Group = type[ReplicationGroup] | type[ShardedReplicationGroup]


@dataclass(frozen=True, slots=True)
class Place:
    """A stack in a Region of its own, with a VPC."""

    stack: Stack
    vpc: ec2.Vpc


def _place(app: App, region: str | None) -> Place:
    name = f"Stack-{region}" if region else f"Stack{len(app.node.children)}"
    stack = Stack(app, name, env=Environment(region=region) if region else None)
    return Place(stack, isolated_vpc(stack))


@pytest.fixture
def app() -> App:
    """An app that has no stack yet."""
    return App()


@pytest.fixture
def east(app: App) -> Place:
    """The Region of the primary."""
    return _place(app, "us-east-1")


@pytest.fixture
def west(app: App) -> Place:
    """The Region of a secondary."""
    return _place(app, "us-west-2")


def _primary(
    place: Place, kind: Group = ReplicationGroup, **options: Any
) -> ReplicationGroup | ShardedReplicationGroup:
    given: dict[str, Any] = {"cache_node_type": LARGE, "auto_minor_version_upgrade": False, **options}
    return kind(place.stack, "Cache", vpc=place.vpc, **given)


def _datastore(place: Place, kind: Group = ReplicationGroup, **options: Any) -> GlobalReplicationGroup:
    primary = _primary(place, kind)
    return GlobalReplicationGroup(place.stack, "Datastore", primary_replication_group=primary, **options)


def _refusal(place: Place, primary: Any, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        GlobalReplicationGroup(place.stack, "Datastore", primary_replication_group=primary, **wrong)
    assert place.stack.node.try_find_child("Datastore") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_nothing_but_a_primary(east: Place) -> None:
    """The one member is the primary, whose settings are those of the datastore."""
    _datastore(east)
    resource = only(linted(east.stack), TYPE)

    assert resource["Properties"] == {
        "GlobalReplicationGroupIdSuffix": "stackuseast1-datastore-d61ffccf",
        "Members": [
            {
                "ReplicationGroupId": {"Ref": "Cache18F6EE16"},
                "ReplicationGroupRegion": "us-east-1",
                "Role": "PRIMARY",
            }
        ],
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Delete"


def test_everything_given(east: Place) -> None:
    """Every option arrives in the property that it is named after."""
    _datastore(
        east,
        ShardedReplicationGroup,
        global_replication_group_id_suffix="orders",
        global_replication_group_description="The orders of the world",
        automatic_failover_enabled=True,
        cache_node_type=NodeType.of("cache.r7g.xlarge"),
        engine_version=ValkeyVersion.VER_9_0,
        global_node_group_count=4,
        tags={"team": "orders"},
    )
    properties = only(linted(east.stack), TYPE)["Properties"]
    del properties["Members"]

    assert properties == {
        "GlobalReplicationGroupIdSuffix": "orders",
        "GlobalReplicationGroupDescription": "The orders of the world",
        "AutomaticFailoverEnabled": True,
        "CacheNodeType": "cache.r7g.xlarge",
        "Engine": "valkey",
        "EngineVersion": "9.0",
        "GlobalNodeGroupCount": 4,
        "Tags": [{"Key": "team", "Value": "orders"}],
    }


def test_every_argument_is_documented() -> None:
    """The docstring names each argument, and says of each optional one what happens without it."""
    parameters = inspect.signature(GlobalReplicationGroup.__init__).parameters
    text = inspect.getdoc(GlobalReplicationGroup) or ""
    arguments = text[text.index("Args:") : text.index("Raises:")]

    for name, parameter in list(parameters.items())[1:]:
        assert f"    {name}: " in arguments
        described = arguments.split(f"    {name}: ")[1].split("\n    ")[0:4]
        if parameter.default is not inspect.Parameter.empty:
            assert "Default:" in " ".join(described), name


def test_cluster_mode_turns_failover_on(east: Place) -> None:
    """CloudFormation asks for it where the members are in cluster mode."""
    _datastore(east, ShardedReplicationGroup)

    assert only(linted(east.stack), TYPE)["Properties"]["AutomaticFailoverEnabled"] is True


@pytest.mark.parametrize("kind", [ReplicationGroup, ShardedReplicationGroup])
def test_a_secondary_says_nothing_that_its_primary_says(east: Place, west: Place, kind: Group) -> None:
    """The id of the datastore is plain text in the other Region, where no export reaches."""
    datastore = _datastore(east, kind, global_replication_group_id_suffix="orders")
    secondary = kind(
        west.stack, "Cache", vpc=west.vpc, global_replication_group_id=datastore.global_replication_group_id
    )
    datastore.add_secondary(secondary)
    properties = only(linted(west.stack), GROUP)["Properties"]

    assert datastore.secondaries == (secondary,)
    assert properties["GlobalReplicationGroupId"] == "ldgnf-orders"
    assert not INFERRED & set(properties)
    assert properties["AutoMinorVersionUpgrade"] is False


def test_the_secondary_is_deployed_after_and_destroyed_before(app: App, east: Place, west: Place) -> None:
    """The CDK CLI goes by the dependencies of the stacks, one way round or the other."""
    datastore = _datastore(east)
    group_id = datastore.global_replication_group_id
    datastore.add_secondary(ReplicationGroup(west.stack, "Cache", vpc=west.vpc, global_replication_group_id=group_id))
    stacks = {stack.stack_name: stack for stack in app.synth().stacks}

    first, second = (
        {one.id for one in stacks[name].dependencies} & set(stacks) for name in ("Stack-us-east-1", "Stack-us-west-2")
    )
    assert (first, second) == (set(), {"Stack-us-east-1"})


def test_the_datastore_is_removed_before_its_primary(east: Place) -> None:
    """It refers to the primary, so CloudFormation makes it after and deletes it before."""
    _datastore(east)
    template = linted(east.stack)

    assert only(template, TYPE)["Properties"]["Members"][0]["ReplicationGroupId"]["Ref"] in template.find_resources(
        GROUP
    )


def test_an_imported_primary(east: Place) -> None:
    """A group that exists becomes the primary of a datastore."""
    primary = ReplicationGroup.from_replication_group_attributes(east.stack, "Cache", replication_group_id="orders")
    GlobalReplicationGroup(east.stack, "Datastore", primary_replication_group=primary)

    members = only(linted(east.stack), TYPE)["Properties"]["Members"]
    assert members[0]["ReplicationGroupId"] == "orders"


def test_an_imported_secondary(east: Place, west: Place) -> None:
    """A secondary of another app counts as a member and is waited for by nobody."""
    datastore = _datastore(east)
    secondary = ReplicationGroup.from_replication_group_attributes(west.stack, "Cache", replication_group_id="orders")
    datastore.add_secondary(secondary)

    assert datastore.secondaries == (secondary,)


def test_imported(stack: Stack) -> None:
    """A datastore of another app is its id, which a secondary takes."""
    datastore = GlobalReplicationGroup.from_global_replication_group_id(stack, "Datastore", "ldgnf-orders")

    assert isinstance(datastore, IGlobalReplicationGroup)
    assert datastore.global_replication_group_id == "ldgnf-orders"


@pytest.mark.parametrize("region", [None, "mx-central-1"])
def test_a_region_without_a_known_prefix(app: App, region: str | None) -> None:
    """Where AWS publishes no prefix, or there is no Region, the id is what CloudFormation returns."""
    place = _place(app, region)
    datastore = _datastore(place)

    assert place.stack.resolve(datastore.global_replication_group_id) == {"Ref": "Datastore9B7A2529"}


def test_three_secondaries(app: App, east: Place) -> None:
    """There are at most two, and the one too many leaves the others in peace."""
    datastore = _datastore(east)
    group_id = datastore.global_replication_group_id
    groups = [
        ReplicationGroup(place.stack, "Cache", vpc=place.vpc, global_replication_group_id=group_id)
        for place in (_place(app, region) for region in ("us-west-2", "eu-west-1", "eu-central-1"))
    ]
    datastore.add_secondary(groups[0])
    datastore.add_secondary(groups[1])

    with pytest.raises(ValidationError, match="at most 2 secondaries, not 3"):
        datastore.add_secondary(groups[2])
    assert datastore.secondaries == tuple(groups[:2])


def test_two_members_in_one_region(app: App, east: Place) -> None:
    """Each member has a Region of its own."""
    datastore = _datastore(east)
    other = Stack(app, "Other", env=Environment(region="us-east-1"))
    secondary = ReplicationGroup(other, "Cache", vpc=isolated_vpc(other), global_replication_group_id="ldgnf-orders")

    with pytest.raises(ValidationError, match="gl-one-per-region"):
        datastore.add_secondary(secondary)


def test_no_region_at_all(app: App) -> None:
    """Two stacks without a Region would be deployed to the same one."""
    first, second = _place(app, None), _place(app, None)
    datastore = _datastore(first)
    secondary = ReplicationGroup(second.stack, "Cache", vpc=second.vpc, global_replication_group_id="ldgnf-orders")

    with pytest.raises(ValidationError, match="give its stack and that of the primary a Region each"):
        datastore.add_secondary(secondary)


def test_a_group_that_does_not_join(east: Place, west: Place) -> None:
    """ElastiCache takes only groups that are made as secondaries; one with data would lose them."""
    datastore = _datastore(east)

    with pytest.raises(ValidationError, match="cdk-global-not-joined"):
        datastore.add_secondary(_primary(west))


def test_another_cluster_mode(east: Place, west: Place) -> None:
    """A secondary is of the class of its primary."""
    datastore = _datastore(east, ShardedReplicationGroup)
    secondary = ReplicationGroup(west.stack, "Cache", vpc=west.vpc, global_replication_group_id="ldgnf-orders")

    with pytest.raises(ValidationError, match="take a ShardedReplicationGroup"):
        datastore.add_secondary(secondary)


def test_a_primary_of_another_region(east: Place, west: Place) -> None:
    """CloudFormation makes the datastore in the Region of its stack, where the primary must be."""
    text = _refusal(west, _primary(east))

    assert (
        "primary_replication_group = 'Stack-us-east-1/Cache': it is in us-east-1 and this stack is in us-west-2" in text
    )


def test_small_nodes(east: Place) -> None:
    """Burstable nodes cannot be in a global datastore, and the path says which group it is about."""
    assert "[gl-node-family]" in _refusal(east, _primary(east, cache_node_type=NodeType.of("cache.t4g.small")))


@pytest.mark.parametrize("scaled_first", [True, False])
def test_auto_scaling(east: Place, scaled_first: bool) -> None:
    """Auto scaling and a global datastore exclude each other, whichever comes first."""
    primary: Any = _primary(east, ShardedReplicationGroup)
    makers: list[Any] = [
        lambda: NodeGroupScaling(east.stack, "Scaling", replication_group=primary, max_capacity=5),
        lambda: GlobalReplicationGroup(east.stack, "Datastore", primary_replication_group=primary),
    ]
    first, second = makers if scaled_first else reversed(makers)
    first()

    with pytest.raises(ValidationError, match="cdk-global-auto-scaling"):
        second()


def test_tokens_never_raise(east: Place) -> None:
    """What only a deployment knows passes through."""
    text = CfnParameter(east.stack, "Text").value_as_string
    number: Any = CfnParameter(east.stack, "Number", type="Number").value_as_number
    _datastore(
        east, global_replication_group_id_suffix=text, global_replication_group_description=text,
        global_node_group_count=number,
    )  # fmt: skip

    assert only(linted(east.stack), TYPE)["Properties"]["GlobalNodeGroupCount"] == {"Ref": "Number"}


def test_wrong_types(east: Place) -> None:
    """A wrong type is a sentence of Python's side."""
    assert "must be a ReplicationGroupReference, not a str" in _refusal(east, "orders")
