"""Reading templates: JSON and YAML, short forms, lines, and files that are none."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.errors import DocumentError
from elasticache_kit.template import document, json_text, yaml_text

if TYPE_CHECKING:
    from elasticache_kit.template.located import Value

YAML = """\
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Size: {Type: String, Default: cache.t4g.small}
Conditions:
  Big: !Equals [!Ref Size, cache.r7g.large]
Resources:
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Condition: Big
    DependsOn: Group
    DeletionPolicy: Snapshot
    UpdatePolicy:
      UseOnlineResharding: true
    Metadata: {note: kept}
    Properties:
      CacheNodeType: !Ref Size
      Port: 6379
      SecurityGroupIds:
        - !GetAtt Guard.GroupId
        - sg-1
  Group:
    Type: AWS::ElastiCache::SubnetGroup
"""


def _value(text: str) -> Value:
    root = yaml_text.parse(f"value: {text}", "t").value
    assert isinstance(root, dict)
    return root["value"]


def test_a_resource_is_read_whole() -> None:
    """What a resource says beside its properties is kept too."""
    cache = document.parse(YAML, "cache.yaml").resources["Cache"]

    assert cache.type == "AWS::ElastiCache::ReplicationGroup"
    assert cache.properties["CacheNodeType"] == {"Ref": "Size"}
    assert (cache.condition, cache.depends_on, cache.deletion_policy) == ("Big", ("Group",), "Snapshot")
    assert cache.update_policy == {"UseOnlineResharding": True}
    assert cache.metadata == {"note": "kept"}
    assert cache.update_replace_policy is None


def test_a_resource_without_properties() -> None:
    """Properties may be left out."""
    group = document.parse(YAML, "cache.yaml").resources["Group"]

    assert (group.properties, group.depends_on, group.condition, group.update_policy) == ({}, (), None, {})


def test_the_rest_of_a_template() -> None:
    """Parameters, conditions and transforms are kept as they are written."""
    template = document.parse(YAML, "cache.yaml")

    assert template.parameters["Size"] == {"Type": "String", "Default": "cache.t4g.small"}
    assert template.conditions["Big"] == {"Fn::Equals": [{"Ref": "Size"}, "cache.r7g.large"]}
    assert template.transforms == ("AWS::Serverless-2016-10-31",)
    assert (template.path, template.mappings, template.metadata) == ("cache.yaml", {}, {})


def test_lines_of_yaml() -> None:
    """A property has the line of its name, an entry of a list its own, and what has none that of what holds it."""
    cache = document.parse(YAML, "cache.yaml").resources["Cache"]

    assert cache.line == 8
    assert cache.line_of(("Port",)) == 18
    assert cache.line_of(("SecurityGroupIds",)) == 19
    assert cache.line_of(("SecurityGroupIds", 1)) == 21
    assert cache.line_of(("SecurityGroupIds", 7, "x")) == 19
    assert cache.line_of(("Engine",)) == 8


def test_broken_json_is_said_once() -> None:
    """The name, what is wrong and the line stand in the message one time each."""
    with pytest.raises(DocumentError) as error:
        document.parse('{"Resources": {}\n', "cache.json")

    assert str(error.value).count("cache.json is not JSON") == 1
    assert "line 2" in str(error.value)


def test_lines_of_json() -> None:
    """JSON has lines as YAML has, and tabs do no harm."""
    text = '{\n\t"Resources": {\n\t\t"Cache": {\n"Type": "T",\n"Properties": {\n\t"Zones": ["a",\n"b"]}}}}'
    cache = document.parse(text, "cache.json").resources["Cache"]

    assert (cache.line, cache.line_of(("Zones",)), cache.line_of(("Zones", 1))) == (3, 6, 7)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B", {"Fn::GetAtt": ["A", "B"]}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}-x'", {"Fn::Sub": "${A}-x"}),
        ("!Sub ['${A}', {A: !Ref B}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!If [C, 1, !Ref AWS::NoValue]", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!FindInMap [A, !Ref B, c]", {"Fn::FindInMap": ["A", {"Ref": "B"}, "c"]}),
        ("!ImportValue x", {"Fn::ImportValue": "x"}),
        ("!Split [',', a]", {"Fn::Split": [",", "a"]}),
        ("!Base64 a", {"Fn::Base64": "a"}),
        ("!Cidr [a, 2, 3]", {"Fn::Cidr": ["a", 2, 3]}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
    ],
)
def test_short_forms(short: str, long: Value) -> None:
    """Every short form is its long form."""
    assert _value(short) == long


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-1", -1),
        ("7.1", 7.1),
        ("true", True),
        ("'true'", "true"),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("0001", "0001"),
        ("7.10", "7.10"),
        ("23:00", "23:00"),
        ("2010-09-09", "2010-09-09"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("!!str 3", "3"),
        ("123456789012", 123456789012),
    ],
)
def test_scalars(text: str, value: Value) -> None:
    """A scalar that would lose something by being a number, a date or a truth stays text."""
    assert _value(text) == value
    assert type(_value(text)) is type(value)


def test_anchors_and_merges() -> None:
    """An alias says what its anchor says, and what stands beside a merge wins over it."""
    text = "base: &b {a: 1, b: 2}\nother: &o {b: 3, c: 4}\nmade: {<<: [*b, *o], a: 9}\nsame: *b"
    root = yaml_text.parse(text, "t").value

    assert isinstance(root, dict)
    assert root["made"] == {"a": 9, "b": 2, "c": 4}
    assert root["same"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no mapping Resources"),
        ("just text", "no mapping Resources"),
        ("[1, 2]", "no mapping Resources"),
        ("Resources: []", "no mapping Resources"),
        ("kind: Deployment", "no mapping Resources"),
        ("a: b: c", "line 1: mapping values are not allowed"),
        ("Resources:\n  A: {Type: T}\n  B: {Properties: {}}", "line 3: B has no Type"),
        ("Resources:\n  A: text", "line 2: A has no Type"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins"),
        ("a: &x [*x]", "line 1: the alias *x has no anchor before it"),
        ("? [a]\n: b", "line 1: a key is one word"),
        ("{{ jinja }}", "line 1: a name in double quotes is missing"),
        ('{"Resources": {}} more', "line 1: more text after the end"),
        ('{"Resources":\n {"A" 1}}', "line 2: a colon is missing after 'A'"),
        ('{"Resources": [1 2]}', "line 1: a comma is missing"),
        ('{"Resources": nope}', "line 1: Expecting value"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ("a: " + "[" * 100_000, "line 1: more than 100 levels deep"),
    ],
)
def test_what_is_no_template(text: str, said: str) -> None:
    """The error names the file, the reason and, where there is one, the line."""
    with pytest.raises(DocumentError) as caught:
        document.parse(text, "file.yaml")

    assert str(caught.value).startswith("file.yaml")
    assert said in str(caught.value)


def test_aliases_that_explode() -> None:
    """A small text whose aliases stand for billions of values is refused before memory runs out."""
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))

    with pytest.raises(DocumentError, match="aliases stand for too much"):
        document.parse(text, "bomb.yaml")


def test_a_file(tmp_path: Path) -> None:
    """A file may begin with a byte order mark, as those of Windows do."""
    path = tmp_path / "cache.yaml"
    path.write_text(YAML, encoding="utf-8-sig")

    assert set(document.read(str(path)).resources) == {"Cache", "Group"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is absent, a directory, or no text is named in the error."""
    binary = tmp_path / "x.bin"
    binary.write_bytes(b"\xff\xfe\x00")

    for path, said in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory"), (binary, "UTF-8")):
        with pytest.raises(DocumentError, match=said):
            document.read(str(path))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen is standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(YAML.encode())))

    assert document.read("-").path == "-"


def test_loops_are_left_alone() -> None:
    """What a transform would make into resources is none yet."""
    text = 'Resources:\n  "Fn::ForEach::X": [a, [b], {}]\n  A: {Type: T}\n'

    assert set(document.parse(text, "t").resources) == {"A"}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(PLAIN, st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: Value, indent: int | None, ascii_only: bool) -> None:
    """Whatever is written as JSON comes back."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert json_text.parse(text, "t").value == json.loads(text)
