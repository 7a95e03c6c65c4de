"""Drawing a node group."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.report.chart import chart
from elasticache_kit.drills.report.frame import NARROW, WIDE, Size
from elasticache_kit.drills.report.milestone import milestones
from tests.drills.forged import result
from tests.drills.story import GROUP, Story, failover_story

SPAN = (0.0, 8.0)


def drawn(story: Story, size: Size = WIDE, span: tuple[float, float] = SPAN) -> ET.Element:
    """Draw a story and read the drawing as XML."""
    told = result(story)
    return ET.fromstring(chart(told, GROUP, milestones(told), span, size))  # noqa: S314 - our own drawing


def of_class(svg: ET.Element, name: str) -> list[ET.Element]:
    """Return the elements of a style class."""
    return [element for element in svg.iter() if name in element.get("class", "").split()]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_nothing_is_drawn_outside_of_the_paper(size: Size) -> None:
    """Neither bar nor badge, on a wide and on a narrow screen."""
    svg = drawn(failover_story(), size)

    width, height = (float(number) for number in svg.get("viewBox", "").split()[2:])
    for element in svg.iter():
        for name, limit in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("y2", height)):
            assert 0 <= float(element.get(name, 0)) <= limit
        right = float(element.get("x", 0)) + float(element.get("width", 0))
        assert element.tag == "text" or right <= width


def test_an_outage_is_shaded_from_its_start_to_its_end() -> None:
    """Two of eight seconds are a quarter of the width, and the label says how long."""
    svg = drawn(failover_story())

    (shade,) = of_class(svg, "outage")
    time = WIDE.width - WIDE.left - 8
    assert float(shade.get("width", 0)) == pytest.approx(time * 2.01 / 8, rel=0.02)
    assert [text.text for text in of_class(svg, "gap")] == ["2.01 s"]


def test_each_sign_in_of_a_rotation_is_a_line_and_a_refused_one_another() -> None:
    """Under the moment at which it was; other drills have no such panel."""
    story = failover_story()
    for at, kind in ((2.0, Kind.OK), (4.0, Kind.FAIL), (6.0, Kind.OK)):
        story.now = at
        story.history.log(Action.SIGN_IN, kind, GROUP, member="orders-001")

    (let_in,), (turned_away,) = (of_class(drawn(story), name) for name in ("let-in", "turned-away"))

    assert [path.get("d", "").count("M") for path in (let_in, turned_away)] == [2, 1]
    x = float(turned_away.get("d", "")[1:].split()[0])
    assert x == pytest.approx(WIDE.left + (WIDE.width - WIDE.left - 8) / 2, rel=0.02)
    assert of_class(drawn(failover_story()), "let-in") == []


def test_a_drill_without_outage_has_no_shade() -> None:
    """Negative control."""
    story = Story()
    story.writes(0, 8)

    assert of_class(drawn(story), "outage") == []


def test_every_milestone_has_a_badge_with_its_number() -> None:
    """Badges that would cover each other are in rows."""
    svg = drawn(failover_story())

    badges = of_class(svg, "badge")
    assert [badge.findtext("text") for badge in badges] == ["1", "2", "3", "4", "5"]
    places = [
        (float(c.get("cx", 0)), float(c.get("cy", 0))) for badge in badges if (c := badge.find("circle")) is not None
    ]
    apart = [
        abs(x1 - x2) >= 18 or abs(y1 - y2) >= 18 for n, (x1, y1) in enumerate(places) for x2, y2 in places[n + 1 :]
    ]
    assert all(apart)


def test_time_counts_from_the_call() -> None:
    """Zero is the moment of the fault, which the baseline precedes."""
    labels = [text.text for text in of_class(drawn(failover_story()), "middle")]

    assert "0" in labels
    assert "\N{MINUS SIGN}3 s" in labels
    assert "+4 s" in labels


def test_the_picture_says_in_words_what_it_shows() -> None:
    """For those who cannot see it."""
    svg = drawn(failover_story())

    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "Load of node group 0001 over time: writes failed for 2.01 s."


def test_a_history_without_operations_is_drawn_empty() -> None:
    """A drill that broke down at once still has a report."""
    assert of_class(drawn(Story()), "heat") == []


def test_a_picture_is_small() -> None:
    """A long drill is no heavier than a short one: time is cut into a fixed number of parts."""
    story = Story()
    story.writes(0, 400)

    text = ET.tostring(drawn(story, span=(0.0, 400.0)), encoding="unicode")

    assert len(text) < 200_000
    assert re.search(r"\d\.\d{3}", text) is None
