"""What kind of client is asked for, once all of it is known to be good."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticache_kit.model.environment import CacheEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a client waits, and how often it tries again.

    Args:
        connect_timeout: seconds for a connection to stand, TLS included.
        timeout: seconds for one answer.
        retries: how often a command that found no connection or no answer is sent again, after a pause that doubles
            from 0.1 s to 1 s, with jitter.
    """

    connect_timeout: float
    timeout: float
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """A client that is asked for.

    Args:
        environment: the cache.
        prefix: what its variables begin with.
        library: `valkey`, `glide` or `redis`.
        read_from: `primary`, `replica` or `az`.
        availability_zone: the zone of this process. None where nobody asks for it.
        patience: timeouts and retries.
        options: further options of the library.
    """

    environment: CacheEnvironment
    prefix: str
    library: str
    read_from: str
    availability_zone: str | None
    patience: Patience
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def cluster(self) -> bool:
        """Whether the client must know a cluster."""
        return self.environment.topology == "cluster-mode-enabled"
