"""The versions of Memcached by name: MemcachedVersion."""

from __future__ import annotations

from typing import Final

from elasticache_kit.cdk.argument import typed
from elasticache_kit.model.engine import Engine, EngineVersion


class MemcachedVersion:
    """The versions of Memcached that ElastiCache offers; TLS needs 1.6.12, IPv6 needs 1.6.6."""

    VER_1_5_16: Final = EngineVersion.of(Engine.MEMCACHED, "1.5.16")
    VER_1_6_6: Final = EngineVersion.of(Engine.MEMCACHED, "1.6.6")
    VER_1_6_12: Final = EngineVersion.of(Engine.MEMCACHED, "1.6.12")
    VER_1_6_17: Final = EngineVersion.of(Engine.MEMCACHED, "1.6.17")
    VER_1_6_22: Final = EngineVersion.of(Engine.MEMCACHED, "1.6.22")

    @staticmethod
    @typed
    def of(version: str) -> EngineVersion:
        """Name a version that is not among the constants, for example one that AWS offers since yesterday.

        It may be a token, the value of a CfnParameter for example.
        """
        return EngineVersion.of(Engine.MEMCACHED, version)
