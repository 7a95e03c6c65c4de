"""HTML and SVG elements, escaped by construction."""

from __future__ import annotations

from html import escape

# Elements that HTML closes by itself.
_VOID = frozenset({"meta", "br", "hr"})


class Markup(str):
    """Text that is markup already; every other text is escaped where it is put into an element."""

    __slots__ = ()


def tag(element: str, /, *children: str | None, **attributes: object) -> Markup:
    """Return an element.

    Args:
        element: the element's name.
        children: text and elements; None is left out.
        attributes: an underscore stands for a hyphen, a trailing one is dropped (`class_`); None is left out.
    """
    words = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    opening = f"<{element}{''.join(words)}>"
    return Markup(opening if element in _VOID else f"{opening}{join(*children)}</{element}>")


def join(*children: str | None) -> Markup:
    """Return texts and elements one after the other."""
    return Markup("".join(c if isinstance(c, Markup) else escape(c) for c in children if c is not None))


def _attribute(value: object) -> str:
    # A tenth of a pixel is more than anybody sees, and a report has thousands of coordinates.
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
