"""Notifications: the events of a cache, published to its SNS topic.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from elasticache_kit.emulator.fault import invalid_value
from elasticache_kit.emulator.state.topic import Topic

logger = logging.getLogger(__name__)

# What an event's message is -> the name that its notification has. Events without one are not published.
_NAMES = (
    ("Cache cluster created", "CacheClusterProvisioningComplete"),
    ("Cache cluster deleted", "DeleteCacheClusterComplete"),
    (r"Replication group \S+ created", "CreateReplicationGroupComplete"),
    ("Failover from .* completed", "FailoverComplete"),
    ("Recovering cache nodes .*", "CacheNodeReplaceStarted"),
    ("Finished recovery for cache nodes .*", "CacheNodeReplaceComplete"),
    ("Finished modifying number of nodes .*", "AddCacheNodeComplete"),
    ("Removed cache nodes .*", "RemoveCacheNodeComplete"),
    (r"Cache node \S+ restarted", "CacheNodesRebooted"),
    ("Succeeded applying modification to cache node type .*", "CacheClusterScalingComplete"),
    ("Slot migration of .* completed", "ReplicationGroupScalingComplete"),
    ("Snapshot succeeded .*", "SnapshotComplete"),
    ("Snapshot failed .*", "SnapshotFailed"),
)


def topic(account_id: str, region_name: str, arn: str | None, status: str | None = None) -> Topic | None:
    """Return the topic that a request names, None where it names none.

    Raises:
        Fault: InvalidParameterValue for a topic that does not exist in the account and Region of the cache.
    """
    if not arn:
        return None
    backend: Any = get_backend("sns")[account_id][region_name]
    if arn not in backend.topics:
        raise invalid_value(f"The topic {arn} does not exist in this account and Region.")
    return Topic(arn, status or "active")


def publish(account_id: str, region_name: str, topic_arn: str, source_identifier: str, message: str) -> None:
    """Publish an event as JSON: its name, and whom it is of. A topic that is gone is logged and costs nothing else."""
    name = next((name for text, name in _NAMES if re.fullmatch(text, message)), None)
    if name is None:
        return
    backend: Any = get_backend("sns")[account_id][region_name]
    text = json.dumps({f"ElastiCache:{name}": source_identifier})
    try:
        backend.publish(text, arn=topic_arn, subject="ElastiCache Notification Message")
    except ServiceException as error:
        logger.warning("%s: %s could not be published: %s", topic_arn, text, error)
