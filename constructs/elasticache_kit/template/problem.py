"""Problem: what a check found in a template, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A resource, or a whole template, does not keep to a rule.

    Args:
        path: the file of the template, as it was given.
        line: the line, counted from 1; None where there is none.
        logical_id: the resource; None where the template as a whole is meant.
        resource_type: its type.
        property: the property as the template writes it, for example `NodeGroupConfiguration[0].Slots`.
        value: what was given, as it may be shown; None where nothing was.
        rule_id: the rule, for example `rg-failover-needs-replica`.
        level: `error` or `warn`.
        message: what is wrong and what is allowed.
        remedy: what to do.
        source: where the rule is written.
        aws_code: the error code that AWS answers with, where it is known.
        aws_message: AWS's own sentence, where it is known.
        acknowledged: the reason why the template keeps it so. Default: none.
    """

    path: str
    line: int | None
    logical_id: str | None = None
    resource_type: str | None = None
    property: str | None = None
    value: str | None = None
    rule_id: str
    level: Level
    message: str
    remedy: str
    source: tuple[str, ...] = ()
    aws_code: str | None = None
    aws_message: str | None = None
    acknowledged: str | None = None
