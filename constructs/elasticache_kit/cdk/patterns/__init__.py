"""The two architectures that people build with a cache: sessions, and the answers of a database.

from elasticache_kit.cdk.patterns import DatabaseCache, SessionStore
"""

from elasticache_kit.cdk.patterns.database_cache import DatabaseCache
from elasticache_kit.cdk.patterns.outbox_listener import OutboxListener
from elasticache_kit.cdk.patterns.session_store import SessionStore

__all__ = ["DatabaseCache", "OutboxListener", "SessionStore"]
