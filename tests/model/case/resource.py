"""Resources of a template: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from elasticache_kit.model.resource import ResourceSpec

GROUP = ResourceSpec(
    type="AWS::ElastiCache::ReplicationGroup",
    properties={
        "ReplicationGroupDescription": "Orders",
        "Port": "6379",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": "true",
        "NodeGroupConfiguration": [{"Slots": "0-16383"}],
        "Tags": [{"Key": "team", "Value": 7}],
    },
)


def _with(**properties: object) -> ResourceSpec:
    return ResourceSpec(type=GROUP.type, properties={**GROUP.properties, **properties})  # pyright: ignore[reportArgumentType] # plain data


CASES: dict[str, tuple[ResourceSpec, ResourceSpec]] = {
    "cfn-type-known": (
        ResourceSpec(type="AWS::ElastiCache::ReplicaGroup", properties={}),
        ResourceSpec(type="Custom::ElastiCache::ReplicaGroup", properties={}),
    ),
    "cfn-property-exists": (_with(NodeType="cache.t4g.small"), _with(CacheNodeType="cache.t4g.small")),
    "cfn-member-exists": (
        _with(NodeGroupConfiguration=[{"Slot": "0-16383"}]),
        _with(NodeGroupConfiguration=[{"Slots": "0-16383"}]),
    ),
    "cfn-property-read-only": (_with(EffectiveDurability="sync"), _with(Durability="sync")),
    "cfn-property-required": (_with(Tags=[{"Key": "team"}]), _with(Tags=[{"Key": "team", "Value": ""}])),
    "cfn-property-type": (_with(Port="6379/tcp"), _with(Port="6379")),
    "cfn-null": (_with(Port=None), _with(Port=0)),
    "cfn-cluster-mode-case": (_with(ClusterMode="Disabled"), _with(ClusterMode="disabled")),
    "cfn-tag-key": (
        _with(Tags=[{"Key": "AWS:team", "Value": "shop"}]),
        _with(Tags=[{"Key": "aws-team", "Value": "shop"}]),
    ),
    "cfn-cache-security-group": (
        ResourceSpec(type="AWS::ElastiCache::SecurityGroup", properties={"Description": "Old", "SubnetIds": ["a"]}),
        ResourceSpec(type="AWS::ElastiCache::SubnetGroup", properties={"Description": "Old", "SubnetIds": ["a"]}),
    ),
}
