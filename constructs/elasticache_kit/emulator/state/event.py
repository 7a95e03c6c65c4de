"""Events."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as DescribeEvents tells it."""

    source_identifier: str
    source_type: str
    message: str
    date: dt.datetime
