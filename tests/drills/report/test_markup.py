"""Elements."""

from __future__ import annotations

from elasticache_kit.drills.report.markup import Markup, join, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    """What AWS or a user wrote cannot become markup."""
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"


def test_attributes_are_escaped_and_none_is_left_out() -> None:
    """Underscores become hyphens, and a keyword of Python gets rid of its own."""
    assert tag("a", class_='x"y', data_z=1, title=None) == '<a class="x&quot;y" data-z="1"></a>'


def test_coordinates_have_one_decimal_at_most() -> None:
    """A report has thousands of them."""
    assert tag("line", x1=1.2345, x2=3.0) == '<line x1="1.2" x2="3"></line>'


def test_void_elements_are_not_closed() -> None:
    """HTML has a few of them."""
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_join_keeps_order_and_drops_none() -> None:
    """Optional parts need no conditions."""
    assert join("<", None, Markup("<br>")) == "&lt;<br>"
