"""A wrong type of any argument of anything public is a ValidationError that names the argument, and nothing of jsii."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st

from elasticache_kit import cdk
from elasticache_kit.cdk.annotation import test_of as fits_of
from elasticache_kit.errors import ValidationError
from tests.cdk.sample import Call, Sample, calls
from tests.property.depth import each, proving

CALLS = tuple(calls())
NUMBERS = count()
# The model has no names of arguments to tell, and of a snapshot there is nothing right: they tell the value.
VALUE_ONLY = ("EngineVersion.of", "NodeType.of", "SnapshotSource.from_serverless_cache_snapshot")


@pytest.fixture(scope="module")
def sample() -> Sample:
    """One of everything."""
    return Sample()


def make(call: Call, sample: Sample, given: dict[str, Any]) -> object:
    """Call something with the arguments that it cannot do without, and these."""
    arguments = {name: sample.of(call.hints[name]) for name in call.required if name not in call.several}
    arguments |= {name: value for name, value in given.items() if name not in call.several}
    if "construct_id" in arguments and "construct_id" not in given:
        arguments["construct_id"] = f"It{next(NUMBERS)}"
    rest = [value for name, value in given.items() if name in call.several]
    target = sample.owner(call.owner) if call.instance else getattr(cdk, call.owner)
    assert target is not None, f"there is no sample of {call.owner}"
    return (target if call.member == "__init__" else getattr(target, call.member))(*rest, **arguments)


# What must be known at synth, and says so in its documentation.
KNOWN_AT_SYNTH = {
    "CacheAlarms": {"alarms"},
    # An experiment's template belongs to one drill.
    "ScheduledDrill": {"clients", "drill", "fis_template_id", "trials", "wheels"},
    "ScheduledBackup": {"retained_snapshots", "snapshot_name_prefix"},
    "MemcachedCluster": {"engine_version"},  # the sample is a version of Valkey
}
# That it is there at all excludes other arguments, whatever its value.
ALONE = {"cache_cluster_id", "global_replication_group_id", "snapshot_arns_to_restore"}
CONSTRUCTS = [call for call in CALLS if call.member == "__init__" and "scope" in call.hints]


@pytest.mark.parametrize("call", CONSTRUCTS, ids=[call.owner for call in CONSTRUCTS])
def test_tokens_never_raise(call: Call, sample: Sample) -> None:
    """Whatever subset of the arguments only a deployment knows, the construct is made."""
    tokens = {name: token for name, hint in call.hints.items() if (token := sample.token(hint)) is not None}
    names = sorted(tokens.keys() - {"construct_id", "return"} - ALONE - KNOWN_AT_SYNTH.get(call.owner, set()))
    subsets = st.sets(st.sampled_from(names)) if names else st.just(set[str]())

    def check(chosen: set[str]) -> None:
        make(call, sample, {**sample.needed(call.owner), **{name: tokens[name] for name in chosen}})

    check(set(names))
    each(100 if proving() else 5, subsets, check)


def wrong(hint: Any) -> list[Any]:
    """Return values that an annotation does not take: among them those that people write by mistake."""
    fits = fits_of(hint)
    return [value for value in (object(), "text", 7, 1.5, True, ["a", 1], {"a": object()}) if not fits(value)]


@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
def test_a_wrong_type_is_caught_in_python(call: Call, sample: Sample) -> None:
    """The message has the name of the argument, what it must be and what it is."""
    for name, hint in call.hints.items():
        if name == "return":
            continue
        for value in wrong(hint):
            with pytest.raises(ValidationError) as caught:
                make(call, sample, {name: value})
            told = re.escape(repr(value)) if call.name in VALUE_ONLY else rf"^  {name} = .*: (it )?must be "
            assert re.search(told, str(caught.value), re.MULTILINE), str(caught.value)


def test_the_sweep_reaches_every_construct() -> None:
    """Nothing public is left out because its annotations could not be read."""
    swept = {call.owner for call in CALLS}

    # A plugin without arguments, an enumeration, a base class and a record that others make.
    aside = {"ElastiCacheValidation", "Engine", "ReplicationGroupReference", "UsageLimits"}
    assert {name for name in cdk.__all__ if not re.match(r"I[A-Z]", name)} - swept <= aside
    assert len(CALLS) > 60
