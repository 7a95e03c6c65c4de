"""Sessions of Flask, Django and Starlette in a cache: a hash of each session, a field of each thing in it.

Two requests of one session that change different things at the same time both keep their change: only the fields that
a request has changed are written. What is written is JSON. The name of a session in the cache is a digest of its id, so
nobody who sees the names can take a session over. A session that is gone does not come back with a late write. Where
the cache does not answer, a request fails: it is never taken for one of somebody who is not signed in.
"""

from elasticache_kit.cache.session.record import SessionGoneError

__all__ = ["SessionGoneError"]
