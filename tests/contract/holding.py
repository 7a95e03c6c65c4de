"""What an account holds, of all that the stacks of this repository make: for a look before them and one after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Service -> what lists the resources, where they are in the answer, and what identifies one; nothing where they are
# listed by their names.
LISTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "cloudformation": (("describe_stacks", "Stacks", "StackName"),),
    "cloudwatch": (
        ("describe_alarms", "MetricAlarms", "AlarmName"),
        ("describe_alarms", "CompositeAlarms", "AlarmName"),
        ("list_dashboards", "DashboardEntries", "DashboardName"),
    ),
    "codebuild": (("list_projects", "projects", ""),),
    "ec2": (
        ("describe_addresses", "Addresses", "AllocationId"),
        ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        ("describe_flow_logs", "FlowLogs", "FlowLogId"),
        ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        ("describe_route_tables", "RouteTables", "RouteTableId"),
        ("describe_security_groups", "SecurityGroups", "GroupId"),
        ("describe_subnets", "Subnets", "SubnetId"),
        ("describe_vpcs", "Vpcs", "VpcId"),
    ),
    "elasticache": (
        ("describe_cache_clusters", "CacheClusters", "ARN"),
        ("describe_cache_parameter_groups", "CacheParameterGroups", "ARN"),
        ("describe_cache_subnet_groups", "CacheSubnetGroups", "ARN"),
        ("describe_global_replication_groups", "GlobalReplicationGroups", "ARN"),
        ("describe_replication_groups", "ReplicationGroups", "ARN"),
        ("describe_serverless_cache_snapshots", "ServerlessCacheSnapshots", "ARN"),
        ("describe_serverless_caches", "ServerlessCaches", "ARN"),
        ("describe_snapshots", "Snapshots", "ARN"),
        ("describe_user_groups", "UserGroups", "ARN"),
        ("describe_users", "Users", "ARN"),
    ),
    "iam": (("list_roles", "Roles", "RoleName"), ("list_instance_profiles", "InstanceProfiles", "Arn")),
    "lambda": (("list_functions", "Functions", "FunctionName"),),
    "logs": (("describe_log_groups", "logGroups", "logGroupName"),),
    "s3": (("list_buckets", "Buckets", "Name"),),
    "scheduler": (("list_schedules", "Schedules", "Name"), ("list_schedule_groups", "ScheduleGroups", "Name")),
    "secretsmanager": (("list_secrets", "SecretList", "ARN"),),
    "sns": (("list_topics", "Topics", "TopicArn"), ("list_subscriptions", "Subscriptions", "SubscriptionArn")),
    "stepfunctions": (("list_state_machines", "stateMachines", "stateMachineArn"),),
}


def holdings(client: Callable[[str], Any]) -> set[tuple[str, str]]:
    """Return every resource of a Region: what it is, and which."""
    found: set[tuple[str, str]] = set()
    for service, lists in LISTS.items():
        api = client(service)
        for operation, member, identity in lists:
            listed = getattr(api, operation)()[member]
            found |= {(member, item[identity] if identity else item) for item in listed}
    return found
