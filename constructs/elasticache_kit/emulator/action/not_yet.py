"""What the control plane knows and the engines do not do yet: with engines it is refused, for it would be a lie."""

from __future__ import annotations

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fault import Fault, invalid_combination


def engines_on() -> bool:
    """Tell whether engine processes stand behind the API."""
    return runtime.current().fleet is not None


def refuse_with_engines(what: str) -> None:
    """Refuse what would have nothing behind it while everything else has.

    Raises:
        Fault: InvalidParameterCombination, with what it is about.
    """
    if engines_on():
        raise not_implemented(f"{what}: with engines this is not implemented by the local emulator yet; without, it is")


def not_implemented(sentence: str) -> Fault:
    """Return the refusal of something that the emulator cannot do at all."""
    return invalid_combination(f"{sentence}.")
