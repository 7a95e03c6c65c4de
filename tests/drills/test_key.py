"""The keys of a drill."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.drills.key import PREFIX, key_space
from elasticache_kit.model.slot import even_ranges, key_slot, parse_ranges


@given(st.integers(1, 90), st.integers(1, 10**6))
def test_all_keys_of_a_node_group_are_in_one_of_its_slots(count: int, number: int) -> None:
    """Whatever part of the slots a node group holds."""
    for position, slots in enumerate(even_ranges(count)):
        keys = key_space("run", f"{position:04}", slots)
        (held,) = parse_ranges(slots)

        assert keys.slot in held
        assert key_slot(keys.write(number)) == keys.slot == key_slot(keys.register)


def test_all_keys_have_the_prefix_and_the_run() -> None:
    """Whoever finds one knows where it came from, and two drills do not meet."""
    keys = key_space("4f", "0001", None)

    assert keys.register.startswith(f"{PREFIX}4f:")
    assert keys.write(1).startswith(f"{PREFIX}4f:")
    assert key_space("50", "0001", None).register != keys.register
