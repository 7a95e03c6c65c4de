"""The frame of a picture: where time and values lie on the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.report.markup import Markup, join, tag

if TYPE_CHECKING:
    from elasticache_kit.drills.report.series import Window

_RIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture is drawn; a narrow screen gets a picture of its own, with letters that can be read.

    Args:
        name: the style class that shows it on the right screens.
        width: in units of about a pixel.
        left: the room for the scale.
        bins: into how many parts time is cut.
        labels: at most so many labels below.
    """

    name: str
    width: float
    left: float
    bins: int
    labels: int


WIDE = Size("wide", 920.0, 62.0, 140, 12)
NARROW = Size("narrow", 380.0, 46.0, 64, 5)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the paper, as wide as the frame.

    Args:
        top: its upper edge.
        height: how high it is.
    """

    top: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def y(self, share: float) -> float:
        """Return the height of a value between 0, at the bottom, and 1, at the top."""
        return self.bottom - self.height * min(1.0, max(0.0, share))


@dataclass(frozen=True, slots=True)
class Frame:
    """Where time lies on the paper.

    Args:
        size: the picture's size.
        window: the time that it shows.
        zero: the moment from which the labels count.
    """

    size: Size
    window: Window
    zero: float

    @property
    def left(self) -> float:
        """Where time begins."""
        return self.size.left

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.size.width - _RIGHT

    @property
    def bar(self) -> float:
        """How wide one bin of time is."""
        return (self.right - self.left) / self.window.bins

    def x(self, moment: float) -> float:
        """Return where a moment lies; those outside of the window lie on its edge."""
        share = (moment - self.window.start) / (self.window.end - self.window.start)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def scale(self, box: Box, marks: Sequence[tuple[float, str]]) -> Markup:
        """Draw lines across the frame at shares of the box's height, each with a label."""
        lines = [
            (
                tag("line", x1=self.left, x2=self.right, y1=box.y(share), y2=box.y(share), class_="grid"),
                tag("text", label, x=self.left - 6.0, y=box.y(share) + 4.0, class_="tick end"),
            )
            for share, label in marks
        ]
        return join(*(part for line in lines for part in line))
