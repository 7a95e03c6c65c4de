"""The engine versions by name: ValkeyVersion and RedisVersion."""

from __future__ import annotations

from typing import Final

from elasticache_kit.cdk.argument import typed
from elasticache_kit.model.engine import Engine, EngineVersion


class ValkeyVersion:
    """The versions of Valkey that ElastiCache offers."""

    VER_7_2: Final = EngineVersion.of(Engine.VALKEY, "7.2")
    VER_8_0: Final = EngineVersion.of(Engine.VALKEY, "8.0")
    VER_8_1: Final = EngineVersion.of(Engine.VALKEY, "8.1")
    VER_8_2: Final = EngineVersion.of(Engine.VALKEY, "8.2")
    VER_9_0: Final = EngineVersion.of(Engine.VALKEY, "9.0")
    VER_9_1: Final = EngineVersion.of(Engine.VALKEY, "9.1")

    @staticmethod
    @typed
    def of(version: str) -> EngineVersion:
        """Name a version that is not among the constants, for example one that AWS offers since yesterday.

        It may be a token, the value of a CfnParameter for example.
        """
        return EngineVersion.of(Engine.VALKEY, version)


class RedisVersion:
    """The versions of Redis OSS that ElastiCache offers; it stops at 7.1."""

    VER_6_2: Final = EngineVersion.of(Engine.REDIS, "6.2")
    VER_7_0: Final = EngineVersion.of(Engine.REDIS, "7.0")
    VER_7_1: Final = EngineVersion.of(Engine.REDIS, "7.1")

    @staticmethod
    @typed
    def of(version: str) -> EngineVersion:
        """Name a version that is not among the constants, for example an older one.

        It may be a token, the value of a CfnParameter for example; the parameter group must be named then.
        """
        return EngineVersion.of(Engine.REDIS, version)
