"""The rulebook against botocore and CloudFormation: what a newer package has that the rules do not know is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.property import Property, properties, resource_types
from tests.model.case import cache_cluster as cache_cluster_case
from tests.model.case import global_replication_group as global_replication_group_case
from tests.model.case import parameter_group as parameter_group_case
from tests.model.case import replication_group as replication_group_case
from tests.model.case import serverless_cache as serverless_cache_case
from tests.model.case import serverless_cache_snapshot as serverless_cache_snapshot_case
from tests.model.case import snapshot as snapshot_case
from tests.model.case import subnet_group as subnet_group_case
from tests.model.case import user as user_case
from tests.model.case import user_group as user_group_case
from tests.model.case.service import ENUMERATIONS, NOT_IN_TEMPLATES, OTHER_PATTERNS, PATTERNS
from tests.model.case.table import TABLES, ids

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject, Violation

# Each type that the rulebook knows, with the subject of its rules and a spec without fault.
SPECS: dict[str, tuple[Subject, Any]] = {
    "AWS::ElastiCache::CacheCluster": ("cache_cluster", cache_cluster_case.CLUSTER),
    "AWS::ElastiCache::GlobalReplicationGroup": (
        "global_replication_group",
        global_replication_group_case.DATASTORE,
    ),
    "AWS::ElastiCache::ParameterGroup": ("parameter_group", parameter_group_case.PARAMETERS),
    "AWS::ElastiCache::ReplicationGroup": ("replication_group", replication_group_case.GROUP),
    "AWS::ElastiCache::ServerlessCache": ("serverless_cache", serverless_cache_case.CACHE),
    "AWS::ElastiCache::ServerlessCacheSnapshot": (
        "serverless_cache_snapshot",
        serverless_cache_snapshot_case.SNAPSHOT,
    ),
    "AWS::ElastiCache::Snapshot": ("snapshot", snapshot_case.SNAPSHOT),
    "AWS::ElastiCache::SubnetGroup": ("subnet_group", subnet_group_case.SUBNETS),
    "AWS::ElastiCache::User": ("user", user_case.USER),
    "AWS::ElastiCache::UserGroup": ("user_group", user_group_case.USER_GROUP),
}
# EC2-Classic is gone, and its types with it.
WITHOUT_RULES = {"AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress"}
# Properties under another name in our specs, and those that no rule looks at.
OTHER_NAMES = {("AWS::ElastiCache::ParameterGroup", "Properties"): "parameters"}
WITHOUT_FIELD = {"Tags"}


@pytest.fixture(scope="module")
def shapes() -> Mapping[str, Mapping[str, Any]]:
    """The shapes of the API of ElastiCache, as botocore has them."""
    model = botocore.session.get_session().get_service_model("elasticache")
    return {name: cast("Mapping[str, Any]", model.shape_for(name).metadata) for name in model.shape_names}


def check(subject: Subject, spec: Any) -> tuple[Violation, ...]:
    """Return what a subject's rules say of a spec."""
    return TABLES[subject][0](spec)


def plain(name: str) -> str:
    """Return a name without regard to how it is written."""
    return name.replace("_", "").lower()


def writable(resource_type: str) -> list[Property]:
    """Return the properties that a template may give."""
    return [found for found in properties(resource_type).values() if not found.read_only]


def field_of(resource_type: str, name: str) -> str | None:
    """Return the field of the spec that stands for a property, None where there is none."""
    wanted = plain(OTHER_NAMES.get((resource_type, name), name))
    names = [found.name for found in fields(SPECS[resource_type][1])]
    return next((found for found in names if plain(found) == wanted), None)


def test_every_type_has_rules_or_is_gone() -> None:
    """A type that is new in CloudFormation is to be looked at."""
    assert set(resource_types()) == set(SPECS) | WITHOUT_RULES


@pytest.mark.parametrize("resource_type", SPECS)
def test_every_property_is_in_the_spec(resource_type: str) -> None:
    """The rulebook sees all that a template may give; tags are seen where a rule is about them."""
    unseen = {found.name for found in writable(resource_type) if field_of(resource_type, found.name) is None}

    assert unseen <= WITHOUT_FIELD, f"{resource_type} has properties that the rulebook does not know"


def kinds(annotation: str) -> set[str]:
    """Return the types of properties that a field of a spec can hold; tags are a mapping here, and a list there."""
    names = {"str": {"string"}, "int": {"integer"}, "bool": {"boolean"}, "tuple": {"list"}, "Mapping": {"map", "list"}}
    parts = {part.strip() for part in re.sub(r"\[.*?\](?=\s|$)", "", annotation).split("|")} - {"Unknown", "None"}
    return {kind for part in parts for kind in names.get(part, {"record"})}


@pytest.mark.parametrize("resource_type", SPECS)
def test_every_field_has_the_type_of_its_property(resource_type: str) -> None:
    """A number is a number in both, a list a list."""
    annotations = {found.name: str(found.type) for found in fields(SPECS[resource_type][1])}
    for found in writable(resource_type):
        name = field_of(resource_type, found.name)
        if name is not None:
            assert found.type in kinds(annotations[name]), f"{found.name} is a {found.type}: {annotations[name]}"


@pytest.mark.parametrize(
    ("resource_type", "name"),
    [(kind, found.name) for kind in SPECS for found in writable(kind) if found.required],
)
def test_what_cloudformation_requires_the_rulebook_requires(resource_type: str, name: str) -> None:
    """Without it, an error names it."""
    subject, spec = SPECS[resource_type]
    field = field_of(resource_type, name)
    assert field is not None
    found = check(subject, replace(spec, **{field: None}))

    assert any(it.level == "error" and it.property == field for it in found), f"{resource_type} does not ask for {name}"


@pytest.mark.parametrize(
    ("resource_type", "name", "bound"),
    [
        (kind, found.name, bound)
        for kind in SPECS
        for found in writable(kind)
        for bound in (found.minimum, found.maximum)
        if bound is not None
    ],
)
def test_ranges_are_those_of_cloudformation(resource_type: str, name: str, bound: int) -> None:
    """The bound itself is taken, what is beyond it is not."""
    subject, spec = SPECS[resource_type]
    field = field_of(resource_type, name)
    assert field is not None
    beyond = bound + 1 if bound else -1

    def refused(value: int) -> bool:
        found = check(subject, replace(spec, **{field: value}))
        return any(it.property == field and it.rule_id.endswith("-range") for it in found)

    assert not refused(bound)
    assert refused(beyond if bound != 1 else 0)


def news_of_enumerations(shapes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the API has in its enumerations that the rulebook does not know, or the reverse."""
    for name, shape in shapes.items():
        if "enum" not in shape or name in NOT_IN_TEMPLATES:
            continue
        if name not in ENUMERATIONS:
            yield f"the API has the enumeration {name}, which the rulebook does not know"
            continue
        for rule_id, subject, make in ENUMERATIONS[name]:
            yield from (
                f"the API takes {value} for {name}, and {rule_id} refuses it"
                for value in shape["enum"]
                if rule_id in ids(check(subject, make(value)))
            )
            if rule_id not in ids(check(subject, make("no-such-value"))):
                yield f"{rule_id} takes for {name} what the API does not"


def test_enumerations_are_those_of_the_api(shapes: Mapping[str, Mapping[str, Any]]) -> None:
    """Each value that the API lists is taken, and no other is."""
    news = "\n".join(news_of_enumerations(shapes))

    assert not news, news
    assert set(ENUMERATIONS) | NOT_IN_TEMPLATES == {name for name, shape in shapes.items() if "enum" in shape}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"ClusterMode": {"enum": ["enabled", "frozen"]}},
            "the API takes frozen for ClusterMode, and rg-cluster-mode-values",
        ),
        ({"Weather": {"enum": ["rain"]}}, "the API has the enumeration Weather, which the rulebook does not know"),
    ],
)
def test_a_new_value_of_the_api_is_told(
    shapes: Mapping[str, Mapping[str, Any]], changed: Mapping[str, Any], told: str
) -> None:
    """A newer botocore that has one more makes one line."""
    (news,) = news_of_enumerations({**shapes, **changed})

    assert news.startswith(told)


@pytest.mark.parametrize(
    ("resource_type", "name"), [(kind, found.name) for kind in SPECS for found in writable(kind) if found.values]
)
def test_enumerations_of_cloudformation_are_those_of_the_api(
    shapes: Mapping[str, Mapping[str, Any]], resource_type: str, name: str
) -> None:
    """Two packages say the same of a property; where the API has no enumeration, the rulebook takes all of them."""
    found = properties(resource_type)[name]
    if name in shapes and "enum" in shapes[name]:
        assert {value.lower() for value in found.values} == {value.lower() for value in shapes[name]["enum"]}
        return
    subject, spec = SPECS[resource_type]
    field = field_of(resource_type, name)
    assert field is not None
    for value in found.values:
        refusals = [it for it in check(subject, replace(spec, **{field: value})) if it.property == field]
        assert not refusals, f"{name} = {value}"


def test_patterns_are_those_of_the_api(shapes: Mapping[str, Mapping[str, Any]]) -> None:
    """Another pattern in a newer botocore is a reason to look at the rule again."""
    found = {name: shape["pattern"] for name, shape in shapes.items() if "pattern" in shape}

    assert found == OTHER_PATTERNS | {name: pattern for name, (pattern, *_) in PATTERNS.items()}


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
def test_what_fits_the_pattern_of_the_api_is_taken(name: str, data: st.DataObject) -> None:
    """No rule of names is stricter than the API."""
    pattern, rule_id, subject, make = PATTERNS[name]
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))

    assert rule_id not in ids(check(subject, make(text)))
