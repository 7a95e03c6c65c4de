"""Surveys: files, directories, cloud assemblies and standard input, and what is no template."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from elasticache_kit.errors import DocumentError
from elasticache_kit.template.survey import survey

GOOD = "Resources:\n  Cache: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: d, SubnetIds: [a]}}\n"
BAD = "Resources:\n  Cache: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: d}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory as repositories have it: templates, other files, and what nobody wants searched."""
    for name, text in {
        "good.yaml": GOOD,
        "deep/er/bad.template": BAD,
        "package.json": '{"name": "app"}',
        "chart.yaml": "{{ .Values.x }}",
        "notes.txt": BAD,
        ".hidden/bad.yaml": BAD,
        "node_modules/bad.yaml": BAD,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def _assembly(folder: Path, *, template: str = BAD) -> Path:
    folder.mkdir(parents=True)
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "cache.template.json"}}
    (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": {"Stack": artifact}}))
    (folder / "cache.template.json").write_text(template)
    (folder / "stale.template.json").write_text(BAD)
    return folder


def test_a_directory(folder: Path) -> None:
    """Templates are found at every depth; what is none is passed over, and some folders are not looked into."""
    found = survey([str(folder)])

    assert (found.templates, found.resources) == (2, 2)
    assert {Path(problem.path).name for problem in found.problems} == {"bad.template"}
    assert sorted(Path(path).name for path in found.passed_over) == ["chart.yaml", "package.json"]


def test_a_directory_of_nothing(tmp_path: Path) -> None:
    """No templates are no mistake."""
    found = survey([str(tmp_path)])

    assert (found.templates, found.resources, found.problems, found.passed_over) == (0, 0, [], [])


def test_a_cloud_assembly_inside_a_directory(folder: Path) -> None:
    """Of an assembly the templates of its manifest count, and not what an earlier synth left behind."""
    assembly = _assembly(folder / "cdk.out")
    found = survey([str(folder)])

    assert found.templates == 3
    assert {problem.path for problem in found.problems if "cdk.out" in problem.path} == {
        str(assembly / "cache.template.json")
    }


def test_a_cloud_assembly_whose_template_is_gone(tmp_path: Path) -> None:
    """It is an error, since somebody thinks that it was checked."""
    assembly = _assembly(tmp_path / "cdk.out")
    (assembly / "cache.template.json").unlink()

    with pytest.raises(DocumentError, match=r"cache\.template\.json cannot be read"):
        survey([str(tmp_path)])


def test_a_broken_template_in_a_directory(tmp_path: Path) -> None:
    """A file that was meant to be a template with a cache is a problem, on its line."""
    file = tmp_path / "cache.yaml"
    file.write_text(BAD + "  Other: {Type: a: b}\n")
    problem = survey([str(tmp_path)]).problems[0]

    assert (problem.rule_id, problem.path, problem.line) == ("template-unreadable", str(file), 3)


def test_named_files_that_are_no_templates(folder: Path) -> None:
    """The error names all of them."""
    with pytest.raises(DocumentError) as caught:
        survey([str(folder / "package.json"), str(folder / "good.yaml"), str(folder / "none.yaml")])

    assert "package.json is no CloudFormation template" in str(caught.value)
    assert "none.yaml cannot be read" in str(caught.value)


def test_named_files_that_are_passed_over(folder: Path) -> None:
    """As a hook wants it, which names every file of a commit; a file that is not there is an error still."""
    named = [str(folder / "package.json"), str(folder / "good.yaml")]
    found = survey(named, pass_over=True)

    assert (found.templates, found.passed_over) == (1, named[:1])
    with pytest.raises(DocumentError, match="cannot be read"):
        survey([str(folder / "none.yaml")], pass_over=True)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen is standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BAD.encode())))

    assert {problem.path for problem in survey(["-"]).problems} == {"-"}


def test_a_file_that_is_named_twice(folder: Path) -> None:
    """It is checked once."""
    assert survey([str(folder / "good.yaml")] * 2).templates == 1
