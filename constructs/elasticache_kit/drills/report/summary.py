"""A drill in one sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result
    from elasticache_kit.drills.verdict import Figure


def summary(result: Result) -> str:
    """Say what happened to the node group that the fault struck, and to its neighbours."""
    struck = result.experiment.node_group
    longest = _number(result, struck, "write outage", "longest_gap_seconds")
    told = [f"The longest time without an acknowledged write was {spoken(longest)}."] if longest is not None else []
    promoted = _number(result, struck, "promotion", "promotion_seconds")
    if promoted is not None:
        told.append(f"A new primary acknowledged its first write {spoken(promoted)} after the call.")
    whole = _number(result, struck, "full redundancy", "redundancy_seconds")
    if whole is not None:
        told.append(f"All replicas were in sync again after {spoken(whole)}.")
    told += _lost(result)
    refused = _number(result, struck, "sign-in", "refused")
    if refused is not None:
        count = int(_number(result, struck, "sign-in", "sign_ins") or 0)
        told.append(f"Of {count:,} sign-ins {f'{int(refused):,} were' if refused else 'none was'} refused.")
    others = [g.node_group_id for g in result.experiment.group.node_groups if g.node_group_id != struck]
    gaps = [_number(result, other, "write outage", "longest_gap_seconds") for other in others]
    worst = max((gap for gap in gaps if gap is not None), default=None)
    if worst is not None:
        subject = "the other node group" if len(others) == 1 else f"the {len(others)} other node groups"
        told.append(f"In {subject} the longest gap was {spoken(worst)}.")
    return " ".join(told) or "Nothing was measured."


def _lost(result: Result) -> list[str]:
    found = [finding.figures for finding in result.findings if finding.checker == "lost acknowledged writes"]
    if not found or any("lost" not in figures for figures in found):
        return ["Whether acknowledged writes were lost is unknown."]
    lost, acknowledged = (sum(_int(figures.get(name)) for figures in found) for name in ("lost", "acknowledged"))
    if lost:
        return [f"Of {acknowledged:,} acknowledged writes {lost:,} were lost."]
    return [f"Of {acknowledged:,} acknowledged writes none was observed to be lost."]


def _int(value: Figure) -> int:
    return value if isinstance(value, int) else 0


def _number(result: Result, node_group: str, checker: str, figure: str) -> float | None:
    found = (f.figures.get(figure) for f in result.of(node_group) if f.checker == checker)
    value = next(found, None)
    return float(value) if isinstance(value, int | float) else None
