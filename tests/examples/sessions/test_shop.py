"""The shop, as two processes behind the balancer."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.sessions import story
from examples.sessions.balancer import Balancer
from examples.sessions.instance import InstanceError, instances, process_with
from examples.sessions.visitor import Client, Seen, VisitError
from tests.examples.sessions.conftest import environment

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet

pytestmark = pytest.mark.engine


def post(url: str, path: str, cookie: str, **form: str) -> int:
    """Send a form as another site would, and return the status; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: object, **_named: object) -> None:
            """Follow nothing."""

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(f"{url}{path}", body, {"Cookie": f"session={cookie}"})  # noqa: S310 - our own
    with pytest.raises(urllib.error.HTTPError) as error:
        opener.open(request, timeout=10)
    error.value.close()
    return error.value.code


def look_with(url: str, cookie: str) -> Seen:
    """Open the page with a cookie that somebody has kept."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers={"Cookie": f"session={cookie}"}), timeout=10) as answer:  # noqa: S310 - our own
        return Seen.of(answer.read().decode())


def cookie_of(visitor: Client) -> str:
    """Return the cookie that a visitor has."""
    (cookie,) = visitor.cookies
    return cookie.value or ""


def test_who_signs_in_at_one_instance_is_known_at_the_other(visitor: Client) -> None:
    """With the basket, and under another id than before."""
    steps = [step.text for step in story.log_in(visitor)]

    assert len(steps) == 3
    assert "one (4 pages), two (4 pages)" in steps[2]


def test_an_instance_with_sessions_of_its_own_is_found_out(shop_engines: Fleet, ports: list[int], logs: Path) -> None:
    """Negative control: behind the balancer is one whose sessions are in another cache."""
    other = environment(shop_engines, "elsewhere")
    with instances(("other",), process_with(other), logs) as strange, Balancer([ports[0], *strange]) as balancer:
        visitor = Client(balancer.url)

        with pytest.raises(VisitError):
            list(story.log_in(visitor))


def test_one_instance_alone_does_not_pass(ports: list[int]) -> None:
    """Negative control: that only one answers is no proof for two."""
    with Balancer(ports[:1]) as balancer, pytest.raises(VisitError, match="only one instance answered"):
        list(story.log_in(Client(balancer.url)))


def test_the_id_from_before_the_login_is_worth_nothing(visitor: Client, url: str) -> None:
    """Whoever has planted or read it is nobody."""
    visitor.look()
    before = cookie_of(visitor)
    visitor.log_in(story.USER, story.PASSWORD)

    assert look_with(url, before).user == ""
    assert look_with(url, cookie_of(visitor)).user == story.USER


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": "of another session"}], ids=["no", "empty", "wrong"])
def test_a_form_of_another_site_does_nothing(visitor: Client, url: str, form: dict[str, str]) -> None:
    """Even with the cookie of somebody who is signed in: each form carries the token of its session."""
    visitor.look()
    visitor.log_in(story.USER, story.PASSWORD)

    status = post(url, "/basket", cookie_of(visitor), thing="tea", **form)

    seen = visitor.look()
    assert (status, seen.user, seen.basket) == (403, story.USER, "")


def test_nobody_is_signed_in_by_another_site(visitor: Client, url: str) -> None:
    """The form for signing in carries a token too."""
    visitor.look()

    assert post(url, "/login", cookie_of(visitor), user=story.USER, password=story.PASSWORD) == 403
    assert visitor.look().user == ""


@pytest.mark.parametrize(("user", "password"), [("ada", "wrong"), ("nobody", story.PASSWORD), ("", "")])
def test_a_wrong_password_signs_nobody_in(visitor: Client, user: str, password: str) -> None:
    """An unknown name gets the same answer."""
    visitor.look()

    seen = visitor.log_in(user, password)

    assert (seen.user, "The name or the password is wrong." in seen.text) == ("", True)


def test_a_name_is_text_and_no_markup(visitor: Client) -> None:
    """What somebody sends does not become a part of the page."""
    visitor.look()

    assert "<script>" not in visitor.log_in("<script>", "x").text


def test_who_signs_out_is_signed_out_everywhere(visitor: Client, url: str) -> None:
    """The session is removed: its cookie opens nothing, at whichever instance."""
    visitor.look()
    visitor.log_in(story.USER, story.PASSWORD)
    kept = cookie_of(visitor)

    visitor.log_out()

    assert [visitor.look().user for _ in range(4)] == [""] * 4
    assert [look_with(url, kept).user for _ in range(2)] == ["", ""]


def test_while_the_cache_does_not_answer_nobody_is_taken_for_signed_out(shop_engines: Fleet, logs: Path) -> None:
    """The page says so with 503, and the session is there when the cache is."""
    alone = process_with(environment(shop_engines, "sessions"))
    with instances(("alone",), alone, logs) as ports, Balancer(ports) as balancer:
        visitor = Client(balancer.url)
        visitor.look()
        visitor.log_in(story.USER, story.PASSWORD)
        node = shop_engines.group("sessions").node("sessions-0001")
        node.engine.hold()
        try:
            during = visitor.look()
        finally:
            node.engine.release()

        assert (during.instance, during.user, "You are still signed in" in during.text) == ("", "", True)
        assert visitor.look().user == story.USER


def test_an_instance_that_cannot_start_says_why(logs: Path) -> None:
    """With what it printed: here, that the environment describes no cache."""
    with (
        pytest.raises(InstanceError, match="ELASTICACHE_KIT_ENDPOINT is not set"),
        instances(("lost",), process_with({}), logs),
    ):
        pass


def test_a_page_is_read_back() -> None:
    """What is not there is empty."""
    page = '<body data-instance="one" data-user="a&amp;b" data-session="x" data-basket="">'

    assert Seen.of(page) == Seen("one", "a&b", "x", "", page)
    assert Seen.of("nothing").user == ""
