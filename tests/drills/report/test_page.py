"""The HTML report."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.report.page import page
from elasticache_kit.drills.report.picture import MOST_PICTURES
from elasticache_kit.ops.resolver import Resolver
from tests.drills.forged import LOCAL, result
from tests.drills.story import GROUP, Story, failover_story


class _Reader(HTMLParser):
    """Collects what a browser would fetch, what it would run, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.elements: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action", "data"}]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> _Reader:
    """Read a page; every element must be closed where it belongs."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def words(html: str) -> str:
    """Return what a reader sees, without the style."""
    return " ".join(read(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)).text)


def test_the_page_needs_nothing_else() -> None:
    """No script, no font, no picture from elsewhere: it opens from a mail, years later."""
    html = page(result(failover_story()))

    reader = read(html)
    assert reader.fetched == []
    assert "script" not in reader.elements
    assert "url(" not in html
    assert "@import" not in html


def test_the_page_says_first_what_came_of_it() -> None:
    """Verdict and figures in words."""
    text = words(page(result(failover_story())))

    assert "✓ passed" in text
    assert "The longest time without an acknowledged write was 2.01 s." in text
    assert "A new primary acknowledged its first write 2.00 s after the call." in text
    assert "Of 600 acknowledged writes none was observed to be lost." in text


def test_a_local_run_is_stamped() -> None:
    """Nobody takes the times of this machine for those of AWS."""
    stamp = "local emulator: not an AWS recovery time (timing profile 'fast')"

    assert stamp in words(page(result(failover_story(), capability=LOCAL)))
    assert "local emulator" not in words(page(result(failover_story())))


def test_a_run_over_addresses_says_what_it_cannot_find_out() -> None:
    """Where endpoints are names there is nothing to say."""
    named = replace(LOCAL, resolver=Resolver("127.0.0.1", 5056, "elasticache-kit.test", 5))

    assert "never asks DNS again" in words(page(result(failover_story(), capability=LOCAL)))
    assert "never asks DNS again" not in words(page(result(failover_story(), capability=named)))


@pytest.mark.parametrize("claim", ["no loss", "no data loss", "zero data loss", "never"])
def test_the_page_claims_no_more_than_was_observed(claim: str) -> None:
    """What was not seen may happen the next time."""
    assert claim not in words(page(result(failover_story()))).lower()


def test_a_failure_is_told_with_its_limit() -> None:
    """And with a sign, not only with a colour."""
    text = words(page(result(failover_story(), limits=Limits(max_write_outage_seconds=1))))

    assert "✗ failed" in text
    assert "limit 1.00 s" in text


def test_text_from_outside_is_not_markup() -> None:
    """An event cannot put a script into the report."""
    story = failover_story()
    story.event(7.2, "orders", "<script>alert(1)</script>")

    assert "script" not in read(page(result(story))).elements


def test_errors_and_outages_are_listed() -> None:
    """By kind, and with how long."""
    story = failover_story()
    story.operation(Action.WRITE, 8.5, Kind.FAIL, number=900, error="CLUSTERDOWN")

    text = words(page(result(story)))

    assert "CLUSTERDOWN" in text
    assert "refused" in text
    assert "Outages" in text


def test_a_long_drill_is_also_shown_from_nearby() -> None:
    """Thirty seconds of outage in fifteen minutes would be a hair."""
    story = failover_story()
    story.writes(8, 208, step=0.1, first=1001, node="new")

    text = words(page(result(story, rate=10)))

    assert "around the fault" in text
    assert "the whole drill" in text


def test_many_node_groups_do_not_make_a_heavy_page() -> None:
    """The first ones are drawn, the one that was struck before all others; the rest are in the tables."""
    story, groups = Story(), tuple(f"{number:04}" for number in range(1, MOST_PICTURES + 4))
    for group in groups:
        story.node_group = group
        story.writes(0, 1)
    story.node_group = GROUP

    html = page(result(story, node_groups=groups, failed_over=None))

    assert read(html).elements.count("svg") == 2 * MOST_PICTURES
    assert "3 more node groups are in the tables below." in words(html)


def test_keys_that_are_left_are_told() -> None:
    """With when they go by themselves."""
    assert "could not be removed and expire in" in words(page(result(failover_story(), cleaned_up=False)))
