"""HostMetrics: the metrics of the machine under a node, whatever engine runs on it."""

from __future__ import annotations

from elasticache_kit.cdk.metric import CacheMetrics, NamedMetric


class HostMetrics(CacheMetrics):
    """What CloudWatch has of the machine under each node.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.HostLevel.html
    """

    cpu_utilization = NamedMetric("CPUUtilization")
    cpu_credit_balance = NamedMetric("CPUCreditBalance")
    cpu_credit_usage = NamedMetric("CPUCreditUsage")
    freeable_memory = NamedMetric("FreeableMemory")
    network_bytes_in = NamedMetric("NetworkBytesIn")
    network_bytes_out = NamedMetric("NetworkBytesOut")
    network_packets_in = NamedMetric("NetworkPacketsIn")
    network_packets_out = NamedMetric("NetworkPacketsOut")
    network_bandwidth_in_allowance_exceeded = NamedMetric("NetworkBandwidthInAllowanceExceeded")
    network_conntrack_allowance_exceeded = NamedMetric("NetworkConntrackAllowanceExceeded")
    network_bandwidth_out_allowance_exceeded = NamedMetric("NetworkBandwidthOutAllowanceExceeded")
    network_packets_per_second_allowance_exceeded = NamedMetric("NetworkPacketsPerSecondAllowanceExceeded")
    network_max_bytes_in = NamedMetric("NetworkMaxBytesIn")
    network_max_bytes_out = NamedMetric("NetworkMaxBytesOut")
    network_max_packets_in = NamedMetric("NetworkMaxPacketsIn")
    network_max_packets_out = NamedMetric("NetworkMaxPacketsOut")
    swap_usage = NamedMetric("SwapUsage")
    major_page_faults = NamedMetric("MajorPageFaults")
    network_baseline_usage_in_percentage = NamedMetric("NetworkBaselineUsageInPercentage")
    network_baseline_usage_out_percentage = NamedMetric("NetworkBaselineUsageOutPercentage")
    network_baseline_max_usage_in_percentage = NamedMetric("NetworkBaselineMaxUsageInPercentage")
    network_baseline_max_usage_out_percentage = NamedMetric("NetworkBaselineMaxUsageOutPercentage")
