"""Changes of stacks as text for a terminal or a pipe, and as Markdown for a review."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import click

from elasticache_kit.model.change import ABSENT, Deferred, Kind, PropertyChange, StackChange, Verdict
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from elasticache_kit.model.change import ResourceChange
    from elasticache_kit.model.rule import Violation

_COLOURS = {
    Kind.NEW: "green",
    Kind.IN_PLACE: "green",
    Kind.INTERRUPTION: "yellow",
    Kind.REMOVED: "yellow",
    Kind.UNKNOWN: "magenta",
    Kind.REPLACEMENT: "yellow",
    Kind.REFUSED: "red",
}
_LONGEST = 60
_KIND_WIDTH = max(len(kind) for kind in Kind)


def text(stacks: Sequence[StackChange], verdict: Verdict) -> str:
    """Return the changes as a table with what is lost, why, and the safe way under each resource."""
    return "\n".join([line for stack in stacks for line in _stack(stack)] + [_summary(stacks, verdict)])


def markdown(stacks: Sequence[StackChange], verdict: Verdict) -> str:
    """Return the changes as Markdown: one table, and the details of what is not harmless under it."""
    lines = ["## ElastiCache", "", _summary(stacks, verdict, plain=True), ""]
    rows = [(stack, change) for stack in stacks for change in stack.changes]
    if rows:
        lines += ["| Stack | Resource | Type | Change | Properties | Data lost |", "|---|---|---|---|---|---|"]
        lines += [_row(stack, change) for stack, change in rows]
    for stack, change in rows:
        details = [click.unstyle(line).strip() for line in _details(stack, change)]
        if details:
            lines += ["", f"**{change.logical_id}**", "", *(f"- {_escaped(line)}" for line in details)]
    lines += ["", *(f"- {stack.name}: {note}" for stack in stacks for note in _notes(stack))]
    return "\n".join(lines).rstrip()


def shown(value: object) -> str:
    """Return a value in one line."""
    if value is ABSENT:
        return "(none)"
    if isinstance(value, Deferred):
        return value.text
    if isinstance(value, Unknown):
        return "(not known)"
    return value if isinstance(value, str) else _line(value)


def _line(value: object) -> str:
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return f"{{{', '.join(f'{key}: {_line(item)}' for key, item in items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, cast('list[object]', value)))}]"
    return shown(value) if isinstance(value, str | Deferred | Unknown) else json.dumps(value, default=str)


def plain(value: object) -> object:
    """Return a value as plain data: what only the deployment knows as its expression."""
    if value is ABSENT:
        return None
    if isinstance(value, Deferred | Unknown):
        return shown(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast("list[object]", value)]
    return value


def _stack(stack: StackChange) -> Iterator[str]:
    yield click.style(f"{stack.name}, against {stack.against}", bold=True)
    for note in _notes(stack):
        yield f"  {note}"
    width = max((len(change.logical_id) for change in stack.changes), default=0)
    for change in stack.changes:
        kind = click.style(f"{change.kind:{_KIND_WIDTH}}", fg=_COLOURS[change.kind], bold=True)
        yield f"  {kind}  {change.logical_id:{width}}  {change.type}"
        names = max((len(item.name) for item in change.properties), default=0)
        for item in change.properties:
            kind = click.style(f"{item.kind:{_KIND_WIDTH}}", fg=_COLOURS[item.kind])
            yield f"      {item.name:{names}}  {kind}  {_values(item)}{_why(item)}"
        yield from _details(stack, change)
    yield ""


def _notes(stack: StackChange) -> Iterator[str]:
    if not stack.deployed:
        yield "nothing is deployed there: everything is new"
    elif not stack.changes:
        yield "no change of an ElastiCache resource"
    yield from stack.notes


def _details(stack: StackChange, change: ResourceChange) -> Iterator[str]:
    if change.loss is not None:
        word = "data lost" if change.loses_data else "data lost at the worst"
        yield click.style(f"      {word}: {change.loss}", fg="red", bold=True)
    for violation in change.refusals:
        yield click.style(f"      refused: {_violation(violation)}", fg="red", bold=True)
    for violation in change.warnings:
        yield f"      warning: {_violation(violation)}"
    if change.depends_on:
        yield f"      it depends on: {', '.join(change.depends_on)}"
    if change.counterpart is not None and change.kind is Kind.REMOVED:
        yield f"      it is probably {change.counterpart}, under another logical id: deleted and made anew"
    if change.counterpart is not None and change.kind is Kind.NEW:
        yield f"      it is probably {change.counterpart}, under another logical id: made anew, without its data"
    if change.logical_id in stack.acknowledged and (change.loses_data or change.undecided):
        yield click.style(f"      acknowledged: {stack.acknowledged[change.logical_id]}", fg="green")
    for way in change.advice:
        yield f"      safe way: {way}"


def _violation(violation: Violation) -> str:
    return f"{violation.property}: {violation.message}; {violation.remedy} [{violation.rule_id}]"


def _values(item: PropertyChange) -> str:
    both = shown(item.old), shown(item.new)
    # What two long values have in common at their beginning says nothing.
    pairs = enumerate(zip(*both, strict=False)) if max(map(len, both)) > _LONGEST else ()
    common = next((place for place, (one, other) in pairs if one != other), 0)
    old, new = (_cut(value if common < _LONGEST else f"...{value[common:]}") for value in both)
    return f"{old} -> {new}" if item.certain else f"{old} -> perhaps {new}" if old != new else f"{old}, perhaps another"


def _why(item: PropertyChange) -> str:
    return f"  ({item.why})" if item.why else ""


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."


def _row(stack: StackChange, change: ResourceChange) -> str:
    properties = "<br>".join(f"{item.name}: {_values(item)} ({item.kind})" for item in change.properties)
    lost = "" if change.loss is None else str(change.loss)
    grave = stack.verdict_of(change) is not Verdict.SAFE
    kind = f"**{change.kind}**" if grave else str(change.kind)
    cells = (stack.name, change.logical_id, change.type, kind, properties, lost)
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _summary(stacks: Sequence[StackChange], verdict: Verdict, *, plain: bool = False) -> str:
    by_verdict: dict[Verdict, list[str]] = {kind: [] for kind in Verdict}
    for stack in stacks:
        for change in stack.changes:
            name = change.logical_id if len(stacks) == 1 else f"{stack.name}/{change.logical_id}"
            by_verdict[stack.verdict_of(change)].append(name)
    count = sum(len(names) for names in by_verdict.values())
    dangerous, unknown = by_verdict[Verdict.DANGEROUS], by_verdict[Verdict.UNKNOWN]
    changes = f"{count or 'no'} change{'' if count == 1 else 's'} of ElastiCache resources"
    match verdict:
        case Verdict.SAFE:
            said, colour = f"{changes}: no data are lost that nobody acknowledged", "green"
        case Verdict.DANGEROUS:
            said = f"{changes}: data would be lost, or the deployment would fail: {', '.join(dangerous)}"
            colour = "red"
        case Verdict.UNKNOWN:
            said, colour = f"{changes}: it cannot be told whether data would be lost: {', '.join(unknown)}", "magenta"
    return said if plain else click.style(said, fg=colour, bold=True)
