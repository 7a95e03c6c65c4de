"""Near misses: specs that are one or two changes away from one that ElastiCache takes.

Two ways lead there, for some rules need several properties to meet: a good spec gets one or two values that some case
of a rule has, or a case that breaks a rule gets one or two values of another case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from hypothesis import strategies as st

from elasticache_kit.model.rule import rule_facts

Cases = Mapping[str, tuple[Any, Any]]


def values(specs: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the values that each field has in some specs of one kind; None is one where a spec omits the field."""
    found: dict[str, list[Any]] = {}
    for spec in specs:
        for item in fields(spec):
            known = found.setdefault(item.name, [])
            if (value := getattr(spec, item.name)) not in known:
                known.append(value)
    return {name: known for name, known in found.items() if len(known) > 1}


def changed(good: st.SearchStrategy[Any], cases: Cases) -> st.SearchStrategy[Any]:
    """Return good specs with one or two values of the cases."""
    return st.tuples(good, _changes(cases, fewest=1)).map(lambda both: replace(both[0], **both[1]))


def broken(cases: Cases) -> st.SearchStrategy[Any]:
    """Return the cases that ElastiCache refuses, with up to two values of other cases, which may mend them."""
    refused = {fact["id"] for fact in rule_facts() if fact["level"] == "error"}
    specs = st.sampled_from([pair[0] for name, pair in cases.items() if name in refused])
    return st.tuples(specs, _changes(cases, fewest=0)).map(lambda both: replace(both[0], **both[1]))


def _changes(cases: Cases, *, fewest: int) -> st.SearchStrategy[dict[str, Any]]:
    pools = values(spec for pair in cases.values() for spec in pair)
    change = st.sampled_from(sorted(pools)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(pools[name])))
    return st.lists(change, min_size=fewest, max_size=2).map(dict)
