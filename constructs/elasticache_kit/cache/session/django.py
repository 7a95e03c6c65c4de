"""Sessions for Django.

    SESSION_ENGINE = "elasticache_kit.cache.session.django"
    SESSION_COOKIE_SECURE = True
    SESSION_SAVE_EVERY_REQUEST = True  # SESSION_COOKIE_AGE begins with the last request, not with the last change
    ELASTICACHE_KIT_SESSIONS = {"environment_prefix": "SESSIONS_"}  # where there is another cache beside this one

`request.session` and `django.contrib.auth` are used as always; its `login` gives the session another id. Values are
JSON whatever SESSION_SERIALIZER says.
"""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError

from elasticache_kit.cache.session.record import Fields, decoded, encoded
from elasticache_kit.cache.session.store import Sessions

SETTING = "ELASTICACHE_KIT_SESSIONS"


@functools.cache
def sessions() -> Sessions:
    """Return the sessions of this process.

    Raises:
        ValidationError: the environment is wrong.
    """
    return Sessions.from_env(**getattr(settings, SETTING, {}))


class SessionStore(SessionBase):
    """What Django asks for one session."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)  # pyright: ignore[reportUnknownMemberType] # Django is not typed
        self._before: Fields = {}

    def load(self) -> dict[str, Any]:
        """Return what the cache has; an id that is not there is forgotten, so that nobody can choose one."""
        key: str | None = self.session_key
        found = None if key is None else sessions().load(key)
        if found is None:
            self._session_key = None
            return {}
        self._before = found
        return decoded(found)

    def create(self) -> None:
        """Make a session with a new id."""
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write what has changed.

        Raises:
            UpdateError: the session was removed meanwhile.
        """
        if self.session_key is None:
            self.create()
            return
        untyped: Any = self
        after = encoded(untyped._get_session(no_load=must_create))  # noqa: SLF001 - our own
        seconds: float = untyped.get_expiry_age()
        if must_create:
            if not sessions().create(self.session_key, after, seconds):
                raise CreateError
        elif not sessions().save(self.session_key, self._before, after, seconds):
            raise UpdateError
        self._before = after

    def exists(self, session_key: str | None) -> bool:
        """Say whether there is a session of this id."""
        return session_key is not None and sessions().exists(session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session, this one when none is named."""
        key = self.session_key if session_key is None else session_key
        if key is not None:
            sessions().delete(key)

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: the cache does it."""
