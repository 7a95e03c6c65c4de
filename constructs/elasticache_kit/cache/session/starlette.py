"""Sessions for Starlette and FastAPI, on starsessions.

    app = FastAPI()
    use_sessions(app)                      # in the cache that the environment describes

`request.session` is there in every request. When what says who is signed in changes (`user_id`), the id of the session
changes too, so an id that somebody knew before the login is worth nothing after it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starsessions import SessionAutoloadMiddleware, SessionMiddleware
from starsessions import SessionStore as Base

from elasticache_kit.cache.session.record import Fields, decoded, encoded, new_id
from elasticache_kit.cache.session.store import AsyncSessions

if TYPE_CHECKING:
    from starlette.applications import Starlette

LIFETIME = timedelta(hours=12)
# starsessions keeps this member beside the session while a request runs, and gives it back to the store with what it
# became: what the cache had travels in it.
_METADATA, _BEFORE = "__metadata__", "elasticache_kit_before"


def use_sessions(
    app: Starlette,
    sessions: AsyncSessions | None = None,
    *,
    identity: str = "user_id",
    lifetime: timedelta = LIFETIME,
    secure: bool = True,
    cookie: str = "session",
) -> None:
    """Keep the sessions of an application in a cache. The cookie is HttpOnly and SameSite=Lax.

    Args:
        app: the application.
        sessions: where they are. Default: in the cache that the environment describes.
        identity: what in a session says who is signed in. Default: user_id.
        lifetime: how long a session lives after its last request. Default: twelve hours.
        secure: whether the cookie is sent over HTTPS only. Default: yes.
        cookie: its name. Default: session.

    Raises:
        ValidationError: the environment is wrong.
    """
    store = CacheSessionStore(sessions or AsyncSessions.from_env(), identity)
    # The one that is added last is called first.
    app.add_middleware(SessionAutoloadMiddleware)
    app.add_middleware(
        SessionMiddleware,
        store=store,
        lifetime=lifetime,
        rolling=True,
        cookie_name=cookie,
        cookie_https_only=secure,
        cookie_path="/",
    )


class CacheSessionStore(Base):
    """What starsessions asks for sessions; see `use_sessions`."""

    def __init__(self, sessions: AsyncSessions, identity: str) -> None:
        self._sessions, self._identity = sessions, identity

    async def read(self, session_id: str, lifetime: int) -> bytes:
        """Return a session, with what the cache had of it."""
        del lifetime
        fields = await self._sessions.load(session_id)
        if fields is None:
            return b""
        before = {"id": session_id, "fields": {name: text.decode() for name, text in fields.items()}}
        values = decoded(fields)
        return json.dumps({**values, _METADATA: {**values.get(_METADATA, {}), _BEFORE: before}}).encode()

    async def write(self, session_id: str, data: bytes, lifetime: int, ttl: int) -> str:
        """Write what has changed, and return the id, which is another one after a login."""
        values: dict[str, Any] = json.loads(data)
        metadata: dict[str, Any] = values.pop(_METADATA, {})
        known: dict[str, Any] | None = metadata.pop(_BEFORE, None)
        # When it was last used changes with each request, and says nothing that the TTL does not say.
        metadata.pop("last_access", None)
        after, seconds = encoded({**values, _METADATA: metadata}), ttl or lifetime or LIFETIME.total_seconds()
        if known is None:
            # Not with the id that came with the request: somebody else may have chosen it.
            return await self._create(after, seconds)
        before: Fields = {name: text.encode() for name, text in known["fields"].items()}
        # The second is what starsessions.regenerate_session_id does.
        if before.get(self._identity) != after.get(self._identity) or session_id != known["id"]:
            await self._sessions.delete(known["id"])
            return await self._create(after, seconds)
        if not await self._sessions.save(session_id, before, after, seconds):
            # It was removed meanwhile and does not come back: this id leads nowhere.
            return new_id()
        return session_id

    async def remove(self, session_id: str) -> None:
        """Remove a session."""
        await self._sessions.delete(session_id)

    async def _create(self, fields: Fields, seconds: float) -> str:
        session_id = new_id()
        await self._sessions.create(session_id, fields, seconds)
        return session_id
