"""Sessions for Flask, on Flask-Session.

    app = Flask(__name__)
    use_sessions(app)                      # in the cache that the environment describes

`flask.session` is used as always. When what says who is signed in changes (`_user_id`, as Flask-Login has it), the id
of the session changes too, so an id that somebody knew before the login is worth nothing after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask_session.base import ServerSideSession, ServerSideSessionInterface

from elasticache_kit.cache.session.record import Fields, SessionGoneError, decoded, encoded
from elasticache_kit.cache.session.store import Sessions

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Flask, Request, Response


def use_sessions(
    app: Flask, sessions: Sessions | None = None, *, identity: str = "_user_id", secure: bool = True
) -> None:
    """Keep the sessions of an application in a cache.

    A session lives for `PERMANENT_SESSION_LIFETIME` after its last request. Its cookie is HttpOnly, and SameSite=Lax
    unless `SESSION_COOKIE_SAMESITE` says something else.

    Args:
        app: the application.
        sessions: where they are. Default: in the cache that the environment describes.
        identity: what in a session says who is signed in. Default: `_user_id`, which Flask-Login sets.
        secure: whether the cookie is sent over HTTPS only. Default: yes.

    Raises:
        ValidationError: the environment is wrong.
    """
    app.session_interface = CacheSessionInterface(
        app, sessions or Sessions.from_env(), identity=identity, secure=secure
    )


class CacheSession(ServerSideSession):
    """A session, with what the cache had when the request began; None where there was none."""

    before: Fields | None = None


class CacheSessionInterface(ServerSideSessionInterface):
    """What Flask asks for sessions; see `use_sessions`."""

    session_class = CacheSession
    ttl = True

    def __init__(self, app: Flask, sessions: Sessions, *, identity: str, secure: bool) -> None:
        super().__init__(app, key_prefix="")
        self._sessions, self._identity, self._secure = sessions, identity, secure

    def open_session(self, app: Flask, request: Request) -> CacheSession:
        """Return the session of a request. An id that we did not give is worth nothing: there is a new one instead."""
        session = cast("CacheSession", super().open_session(app, request))
        if session.sid == request.cookies.get(self.get_cookie_name(app)):
            session.before = encoded(_values(session))
        return session

    def save_session(self, app: Flask, session: ServerSideSession, response: Response) -> None:
        """Write what the request has changed, and send the cookie; of a session that is gone, take the cookie back."""
        ours = cast("CacheSession", session)
        if ours.before is not None and _identity(ours.before, self._identity) != session.get(self._identity):
            self.regenerate(session)
        try:
            super().save_session(app, session, response)
        except SessionGoneError:
            domain, path = self.get_cookie_domain(app), self.get_cookie_path(app)
            response.delete_cookie(self.get_cookie_name(app), domain=domain, path=path)

    def regenerate(self, session: ServerSideSession) -> None:
        """Give a session another id; the old one is worth nothing from now on."""
        super().regenerate(session)
        cast("CacheSession", session).before = None

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie is for HTTPS only."""
        del app
        return self._secure

    def get_cookie_samesite(self, app: Flask) -> str:
        """Say which requests of other sites bring the cookie."""
        return super().get_cookie_samesite(app) or "Lax"

    def _retrieve_session_data(self, store_id: str) -> dict[str, Any] | None:
        fields = self._sessions.load(store_id)
        return None if fields is None else decoded(fields)

    def _delete_session(self, store_id: str) -> None:
        self._sessions.delete(store_id)

    def _upsert_session(self, session_lifetime: timedelta, session: ServerSideSession, store_id: str) -> None:
        ours, after = cast("CacheSession", session), encoded(_values(session))
        seconds = session_lifetime.total_seconds()
        if ours.before is None:
            self._sessions.create(store_id, after, seconds)
        elif not self._sessions.save(store_id, ours.before, after, seconds):
            raise SessionGoneError("the session was removed meanwhile")
        ours.before = after


def _values(session: ServerSideSession) -> dict[str, Any]:
    return dict(cast("dict[str, Any]", session))


def _identity(fields: Fields, name: str) -> Any:
    return decoded({name: fields[name]})[name] if name in fields else None
