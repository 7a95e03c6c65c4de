"""The two architectures that people build with a cache: sessions, and the answers of a database.

from elasticache_kit.cdk.patterns import SessionStore
"""

from elasticache_kit.cdk.patterns.session_store import SessionStore

__all__ = ["SessionStore"]
