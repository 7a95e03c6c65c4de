"""ServerlessEngine: an engine and the part of its version that a serverless cache lets one choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from elasticache_kit.cdk.argument import refuse_types, typed
from elasticache_kit.model.engine import Engine


@dataclass(frozen=True, slots=True)
class ServerlessEngine:
    """An engine and its major version; ElastiCache chooses the rest, and moves it without interruption.

    Args:
        engine: the engine.
        major_engine_version: as ElastiCache writes it: `9`, or `1.6` for Memcached.
    """

    engine: Engine
    major_engine_version: str

    def __post_init__(self) -> None:
        given = {"engine": self.engine, "major_engine_version": self.major_engine_version}
        refuse_types("ServerlessEngine", given, {"engine": Engine, "major_engine_version": str})

    VALKEY_7: ClassVar[ServerlessEngine]
    VALKEY_8: ClassVar[ServerlessEngine]
    VALKEY_9: ClassVar[ServerlessEngine]
    REDIS_7: ClassVar[ServerlessEngine]
    MEMCACHED_1_6: ClassVar[ServerlessEngine]

    @classmethod
    @typed
    def of(cls, engine: Engine, major_engine_version: str) -> ServerlessEngine:
        """Name an engine that is not among the constants, for example one that AWS offers since yesterday."""
        return cls(engine, major_engine_version)

    def __str__(self) -> str:
        return f"{self.engine} {self.major_engine_version}"


ServerlessEngine.VALKEY_7 = ServerlessEngine(Engine.VALKEY, "7")
ServerlessEngine.VALKEY_8 = ServerlessEngine(Engine.VALKEY, "8")
ServerlessEngine.VALKEY_9 = ServerlessEngine(Engine.VALKEY, "9")
ServerlessEngine.REDIS_7 = ServerlessEngine(Engine.REDIS, "7")
ServerlessEngine.MEMCACHED_1_6 = ServerlessEngine(Engine.MEMCACHED, "1.6")
