"""Cache parameter groups."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class ParameterGroup:
    """A cache parameter group: only what differs from the family's defaults is kept."""

    name: str
    arn: str
    family: str
    description: str
    values: dict[str, str] = field(default_factory=dict[str, str])
