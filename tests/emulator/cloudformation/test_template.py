"""Reading templates: parsing, references, order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.cloudformation import template as templates


def test_yaml_short_forms_become_intrinsic_functions() -> None:
    """`!Ref`, `!GetAtt` and `!Sub` mean what their long forms mean."""
    body = (
        "Resources:\n  A: {Type: T, Properties: {x: !Ref B, y: !GetAtt B.Arn, z: !Sub '${B.Arn}-1'}}\n  B: {Type: T}\n"
    )

    parsed = templates.parse(body)

    assert parsed["Resources"]["A"]["Properties"] == {
        "x": {"Ref": "B"},
        "y": {"Fn::GetAtt": ["B", "Arn"]},
        "z": {"Fn::Sub": "${B.Arn}-1"},
    }


@pytest.mark.parametrize("body", ["{}", '{"Resources": {}}', "[]", "a: b: c"])
def test_a_template_without_resources_is_refused(body: str) -> None:
    """What CloudFormation calls a format error is one sentence here too."""
    with pytest.raises(templates.TemplateError, match="Template format error"):
        templates.parse(body)


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "B"},
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Fn::GetAtt": "B.Arn"},
        {"Fn::Sub": "x${B}"},
        {"Fn::Sub": "x${B.Arn}"},
        {"Fn::Sub": ["${v}", {"v": {"Ref": "B"}}]},
        [{"Fn::Join": ["", ["a", {"Ref": "B"}]]}],
    ],
)
def test_every_form_of_reference_is_a_dependency(value: object) -> None:
    """A resource stands after what it refers to, whichever way it does."""
    template = {"Resources": {"A": {"Type": "T", "Properties": {"x": value}}, "B": {"Type": "T"}}}

    assert templates.order(template) == ["B", "A"]


def test_an_escaped_substitution_is_no_reference() -> None:
    """`${!B}` stays text."""
    assert list(templates.references({"Fn::Sub": "${!B}"})) == []


def test_a_circle_is_refused_with_its_members() -> None:
    """Resources that need each other are named."""
    template = {"Resources": {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "DependsOn": ["A"]}}}

    with pytest.raises(templates.TemplateError, match=r"Circular dependency between resources: \[A, B\]"):
        templates.order(template)


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=40))
def test_order_puts_every_resource_after_its_needs(edges: list[tuple[int, int]]) -> None:
    """Whatever the dependencies are, none comes after what depends on it."""
    needs: dict[int, list[str]] = {number: [] for number in range(16)}
    for low, high in edges:
        if low < high:
            needs[high].append(f"R{low}")
    resources = {f"R{number}": {"Type": "T", "DependsOn": names} for number, names in needs.items()}
    template = {"Resources": resources}

    place = {name: index for index, name in enumerate(templates.order(template))}

    assert len(place) == len(resources)
    for name, needed in templates.dependencies(template).items():
        assert all(place[other] < place[name] for other in needed)


def test_imports_names_the_exports_that_a_template_uses() -> None:
    """An import is found however deep it stands."""
    template = {
        "Resources": {"A": {"Type": "T", "Properties": {"x": [{"Fn::Join": ["", [{"Fn::ImportValue": "net:Vpc"}]]}]}}}
    }

    assert templates.imports(template) == {"net:Vpc"}


@pytest.mark.parametrize("own", ["", {"Ref": "AWS::Region"}])
def test_zones_are_those_of_the_stacks_region(own: object) -> None:
    """An empty region means the stack's own; one that is named stays."""
    template = {"a": {"Fn::Select": [0, {"Fn::GetAZs": own}]}, "b": {"Fn::GetAZs": "us-west-2"}}

    assert templates.with_zones_of(template, "eu-west-1") == {
        "a": {"Fn::Select": [0, {"Fn::GetAZs": "eu-west-1"}]},
        "b": {"Fn::GetAZs": "us-west-2"},
    }
