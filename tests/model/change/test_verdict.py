"""Whether a deployment may go on."""

from __future__ import annotations

from elasticache_kit.model.change import Kind, Loss, ResourceChange, StackChange, Verdict
from elasticache_kit.model.change.verdict import ambiguous, unmatched, verdict

GROUP = "AWS::ElastiCache::ReplicationGroup"
LOST = ResourceChange(logical_id="Cache", type=GROUP, kind=Kind.REPLACEMENT, loss=Loss(what="all"))
UNTOLD = ResourceChange(logical_id="Other", type=GROUP, kind=Kind.UNKNOWN, loss=Loss(what="all"))
REFUSED = ResourceChange(logical_id="Named", type=GROUP, kind=Kind.REFUSED)
HARMLESS = ResourceChange(logical_id="Net", type="AWS::ElastiCache::SubnetGroup", kind=Kind.REPLACEMENT)


def stack(*changes: ResourceChange, **acknowledged: str) -> StackChange:
    """A stack named orders."""
    return StackChange(name="orders", against="x", changes=changes, acknowledged=acknowledged)


def test_the_gravest_change_decides() -> None:
    """Lost data and refusals before what cannot be told, and that before what is harmless."""
    assert verdict([stack(HARMLESS)]) is Verdict.SAFE
    assert verdict([stack(HARMLESS), stack(UNTOLD)]) is Verdict.UNKNOWN
    assert verdict([stack(UNTOLD, LOST)]) is Verdict.DANGEROUS
    assert verdict([stack(UNTOLD, REFUSED)]) is Verdict.DANGEROUS
    assert verdict([]) is Verdict.SAFE


def test_a_loss_and_a_doubt_can_be_acknowledged_by_name() -> None:
    """A refusal cannot, and another name does not help."""
    assert verdict([stack(LOST, Cache="reason")]) is Verdict.SAFE
    assert verdict([stack(UNTOLD, Other="reason")]) is Verdict.SAFE
    assert verdict([stack(REFUSED, Named="reason")]) is Verdict.DANGEROUS
    assert verdict([stack(LOST, Other="reason")]) is Verdict.DANGEROUS


def test_an_acknowledgement_that_matches_nothing_is_found() -> None:
    """A harmless change and a refusal need none; the stack's name may stand before."""
    stacks = [stack(LOST, HARMLESS, REFUSED)]

    assert unmatched(["Cache", "orders/Cache"], stacks) == ()
    assert unmatched(["Net", "Named", "Gone", "other/Cache"], stacks) == ("Net", "Named", "Gone", "other/Cache")


def test_a_name_that_several_stacks_have_is_ambiguous() -> None:
    """Accepting one loss must not accept another; a harmless change of that name does not count."""
    other = StackChange(name="other", against="x", changes=(LOST,))

    assert ambiguous(["Cache", "Net"], [stack(LOST, HARMLESS), other]) == {"Cache": ("orders/Cache", "other/Cache")}
    assert ambiguous(["orders/Cache"], [stack(LOST), other]) == {}
    assert ambiguous(["Cache"], [stack(LOST), stack(HARMLESS)]) == {}
