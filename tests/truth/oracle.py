"""Oracles: what others say of a replication group.

None of it is ours: botocore's service model and recorded examples, and the provider schema of CloudFormation that
cfn-lint carries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import botocore
import botocore.session
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.rule import Rule, apply

Rules = Iterable[Rule[ReplicationGroupSpec]]

OPERATION, TYPE = "CreateReplicationGroup", "AWS::ElastiCache::ReplicationGroup"
# The examples are of 2016: this rule speaks of what has changed since.
SINCE = {"rg-prev-generation": "nodes of the type m3 are not made any more"}
# Where AWS contradicts itself: the stricter of the two stands.
DISPUTED = {
    "rg-cme-needs-failover": "the example omits AutomaticFailoverEnabled, and the answer recorded with it says "
    "`enabled`; the API reference says that the default is false and that cluster mode needs true, and so does the "
    "rule E3026 of cfn-lint"
}


def field(member: str) -> str:
    """Return the field of the spec that a member or property is."""
    return xform_name(member.replace("AZs", "Azs"))


@cache
def shape() -> Any:
    """Return botocore's shape of the request."""
    session: Any = botocore.session.get_session()
    return session.get_service_model("elasticache").operation_model(OPERATION).input_shape


@cache
def schema() -> Mapping[str, Any]:
    """Return the provider schema of the type."""
    found: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", TYPE)
    return cast("Mapping[str, Any]", found.schema)


@cache
def examples() -> Sequence[Mapping[str, Any]]:
    """Return the requests that AWS recorded as examples."""
    (path,) = Path(botocore.__file__).parent.glob("data/elasticache/*/examples-1.json")
    recorded = json.loads(path.read_text(encoding="utf-8"))["examples"]
    return [example["input"] for example in recorded[OPERATION]]


def spec_of(request: Mapping[str, Any]) -> ReplicationGroupSpec:
    """Return a request as a spec; tags are not part of one."""
    values = {field(name): value for name, value in request.items() if name not in ("NodeGroupConfiguration", "Tags")}
    configuration = request.get("NodeGroupConfiguration")
    if configuration is not None:
        values["node_group_configuration"] = tuple(
            NodeGroupSpec(**{field(name): _frozen(item) for name, item in group.items()}) for group in configuration
        )
    return ReplicationGroupSpec(**{name: _frozen(item) for name, item in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


def disagreements(rules: Rules, good: Sequence[ReplicationGroupSpec]) -> list[str]:
    """Ask every oracle, and return where rules say something else.

    Args:
        rules: the rules to hold against the oracles.
        good: specs that omit what is not required, and that the rules should let pass.
    """
    listed = tuple(rules)
    return [*_values(listed, good), *_ranges(listed, good), *_required(listed, good), *_examples(listed)]


def _refused(rules: Rules, spec: ReplicationGroupSpec) -> set[str]:
    return {item.rule_id for item in apply(rules, spec) if item.level == "error"}


def _about(rules: Rules, spec: ReplicationGroupSpec, name: str) -> set[str]:
    """Return the errors that a spec has in a property."""
    return {item.rule_id for item in apply(rules, spec) if item.level == "error" and item.property == name}


def _values(rules: Rules, good: Sequence[ReplicationGroupSpec]) -> Iterator[str]:
    """Compare with the enumerations: each value is right for some spec, and no other is for any."""
    for member, about in shape().members.items():
        name = field(member)
        if not getattr(about, "enum", None):
            continue
        for value in about.enum:
            if all(_value_rules(rules, replace(spec, **{name: value}), name) for spec in good):
                yield f"{member} may be {value!r}, says botocore, and a rule refuses it"
        for spec in good:
            if not _about(rules, replace(spec, **{name: "surprise"}), name):
                yield f"{member} is one of {about.enum}, says botocore, and no rule refuses 'surprise'"


def _value_rules(rules: Rules, spec: ReplicationGroupSpec, name: str) -> set[str]:
    """Return the errors about a value as such, not about what it would need."""
    return {rule_id for rule_id in _about(rules, spec, name) if rule_id.endswith(("-values", "-surprise"))}


def _ranges(rules: Rules, good: Sequence[ReplicationGroupSpec]) -> Iterator[str]:
    """Compare with the bounds of the schema: the bound is right, and what is beyond it is not."""
    for name, about in schema()["properties"].items():
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound not in about or about["type"] != "integer":
                continue
            limit = int(about[bound])
            for spec in good:
                if getattr(spec, field(name)) is None:
                    continue
                at = set(_about(rules, replace(spec, **{field(name): limit}), field(name)))
                if {rule_id for rule_id in at if rule_id.endswith("-range")}:
                    yield f"{name} may be {limit}, says the schema, and a rule refuses it"
                if not _about(rules, replace(spec, **{field(name): limit + step}), field(name)):
                    yield f"{name} ends at {limit}, says the schema, and no rule refuses {limit + step}"


def _required(rules: Rules, good: Sequence[ReplicationGroupSpec]) -> Iterator[str]:
    """Compare with what the schema requires: without it there is an error, and without the rest there is none."""
    for spec in good:
        for name in schema()["required"]:
            if not _about(rules, replace(spec, **{field(name): None}), field(name)):
                yield f"{name} is required, says the schema, and no rule misses it"
        for rule_id in sorted(_refused(rules, spec)):
            yield f"{rule_id} refuses a spec that has all that is required: {spec}"


def _examples(rules: Rules) -> Iterator[str]:
    """Compare with the recorded examples: but for what changed since, they are right."""
    for request in examples():
        for rule_id in sorted(_refused(rules, spec_of(request)) - SINCE.keys() - DISPUTED.keys()):
            yield f"{rule_id} refuses an example of AWS: {request}"
