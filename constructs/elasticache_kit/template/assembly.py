"""A CDK cloud assembly (cdk.out): the templates of all its stacks, those of stages and nested stacks too.

See https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/cloud-assembly-schema/README.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.errors import DocumentError
from elasticache_kit.template import document, json_text

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template
    from elasticache_kit.template.located import Value

MANIFEST = "manifest.json"

_NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyStack:
    """A stack of a cloud assembly.

    Args:
        name: the name that it is deployed under; of a nested stack `<name of its parent>/<logical id>`.
        environment: `aws://<account>/<region>`, with `unknown-account` and `unknown-region` where it is not fixed.
        template: its template.
        parent: the name of the stack that it is nested in. Default: none.
    """

    name: str
    environment: str
    template: Template
    parent: str | None = None


def is_assembly(directory: Path) -> bool:
    """Tell whether a directory is a cloud assembly."""
    manifest = directory / MANIFEST
    try:
        return manifest.is_file() and '"artifacts"' in manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def read(directory: Path) -> tuple[AssemblyStack, ...]:
    """Read all stacks of a cloud assembly, in the order of its manifest; a nested stack follows its parent.

    Raises:
        DocumentError: the directory is no cloud assembly, or one of its files is missing or is no template.
    """
    return tuple(_stacks(directory))


def _stacks(directory: Path) -> Iterator[AssemblyStack]:
    artifacts = _artifacts(directory)
    files = _asset_files(directory, artifacts.values())
    for name, artifact in artifacts.items():
        properties = _mapping(artifact.get("properties"))
        match artifact.get("type"):
            case "aws:cloudformation:stack":
                file = directory / _text(properties, "templateFile", f"{directory / MANIFEST}: {name}")
                stack = AssemblyStack(
                    name=str(properties.get("stackName") or name),
                    environment=str(artifact.get("environment", "aws://unknown-account/unknown-region")),
                    template=document.read(str(file)),
                )
                yield stack
                yield from _nested(stack, files)
            case "cdk:cloud-assembly":
                yield from _stacks(directory / _text(properties, "directoryName", f"{directory / MANIFEST}: {name}"))
            case _:
                pass


def _nested(stack: AssemblyStack, files: Mapping[str, Path]) -> Iterator[AssemblyStack]:
    for resource in stack.template.resources.values():
        if resource.type != _NESTED_STACK:
            continue
        # The template of a nested stack is an asset, whose id is in the URL that it is uploaded to.
        url = json.dumps(resource.properties.get("TemplateURL"))
        for asset, file in files.items():
            if asset in url:
                nested = AssemblyStack(
                    name=f"{stack.name}/{resource.logical_id}",
                    environment=stack.environment,
                    template=document.read(str(file)),
                    parent=stack.name,
                )
                yield nested
                yield from _nested(nested, files)


def _asset_files(directory: Path, artifacts: Iterable[Mapping[str, Value]]) -> dict[str, Path]:
    """Return the file of each asset by its id."""
    found: dict[str, Path] = {}
    for artifact in artifacts:
        if artifact.get("type") == "cdk:asset-manifest":
            manifest = directory / _text(_mapping(artifact.get("properties")), "file", str(directory / MANIFEST))
            for asset, body in _mapping(_mapping(_json(manifest)).get("files")).items():
                file = _mapping(_mapping(body).get("source")).get("path")
                if isinstance(file, str):
                    found[asset] = directory / file
    return found


def _artifacts(directory: Path) -> dict[str, dict[str, Value]]:
    artifacts = _mapping(_mapping(_json(directory / MANIFEST)).get("artifacts"))
    return {name: artifact for name, artifact in artifacts.items() if isinstance(artifact, dict)}


def _json(file: Path) -> Value:
    try:
        return json_text.parse(file.read_text(encoding="utf-8"), str(file)).value
    except OSError as error:
        raise DocumentError(
            f"{file.parent} is no cloud assembly: {file.name} cannot be read: {error.strerror}"
        ) from None


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _text(values: Mapping[str, Value], key: str, where: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise DocumentError(f"{where} has no {key}")
    return value
