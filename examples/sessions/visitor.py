"""Who visits the shop: what the page said, and a visitor without a browser."""

from __future__ import annotations

import html
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol
from urllib.parse import urlencode, urljoin

from elasticache_kit.errors import ElastiCacheKitError

PATIENCE_SECONDS = 30.0

_BODY = re.compile(r"<body ([^>]*)>")
_ATTRIBUTE = re.compile(r'data-(\w+)="([^"]*)"')
_TOKEN = re.compile(r'name="token" value="([^"]*)"')


class VisitError(ElastiCacheKitError):
    """A visitor did not see what should be there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page says.

    Args:
        instance: who answered; empty where none did, as with 503.
        user: who is signed in; empty for nobody.
        session: the end of the session's id.
        basket: what is in the basket, as `tea=1,cake=2`.
        text: all of it.
    """

    instance: str
    user: str
    session: str
    basket: str
    text: str

    @classmethod
    def of(cls, text: str) -> Seen:
        """Read a page."""
        body = _BODY.search(text)
        found = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(body[1] if body else "")}
        return cls(**{name: found.get(name, "") for name in ("instance", "user", "session", "basket")}, text=text)


class Visitor(Protocol):
    """Visits the shop with a memory for cookies."""

    def look(self) -> Seen:
        """Open the page."""
        ...

    def log_in(self, user: str, password: str) -> Seen:
        """Fill in the form, send it, and return the page that comes."""
        ...

    def take(self, thing: str) -> Seen:
        """Put something into the basket."""
        ...


class Client:
    """A visitor by urllib, which does what a browser would with cookies and forms.

    Args:
        url: where the shop is.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # As browsers do, it counts the loopback address as safe enough for a cookie that is for HTTPS only.
        self.cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self._token = ""

    def look(self) -> Seen:
        """Open the page."""
        return self._open("/", None)

    def log_in(self, user: str, password: str) -> Seen:
        """Fill in the form, send it, and return the page that comes."""
        return self._open("/login", {"user": user, "password": password})

    def take(self, thing: str) -> Seen:
        """Put something into the basket."""
        return self._open("/basket", {"thing": thing})

    def log_out(self) -> Seen:
        """Sign out."""
        return self._open("/logout", {})

    def _open(self, path: str, form: dict[str, str] | None) -> Seen:
        data = None if form is None else urlencode({**form, "token": self._token}).encode()
        try:
            with self._opener.open(urljoin(self._url, path), data, timeout=PATIENCE_SECONDS) as answer:
                text: str = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        except OSError as error:
            raise VisitError(f"{self._url} does not answer: {error}") from error
        token = _TOKEN.search(text)
        self._token = html.unescape(token[1]) if token else self._token
        return Seen.of(text)
