"""What a Memcached cluster shall look like: the order that the control plane gives to the fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MemcachedPlan:
    """One Memcached cluster.

    Args:
        key: its name, unique over accounts and regions.
        nodes: the ids of its cache nodes, for example `0001`.
        tls: whether clients connect with TLS.
        names: whether the configuration endpoint names nodes by name; by address only when omitted.
        port: where clients connect; 11211 when omitted.
        threads: of each node: the vCPUs of the node type; 1 when omitted.
        memory_mb: that each node may use for items, in MiB; 64 when omitted.
        max_connections: of each node, but no more than this machine lets a process have; 65000, the default of
            ElastiCache, when omitted.
        options: further options of the program, such as `-I` for the largest size of an item; none when omitted.
    """

    key: str
    nodes: tuple[str, ...]
    tls: bool = False
    names: bool = False
    port: int = 11211
    threads: int = 1
    memory_mb: int = 64
    max_connections: int = 65000
    options: Mapping[str, str] = field(default_factory=dict[str, str])
