"""What can be deployed to an emulator without the CDK CLI: templates, and cloud assemblies with their files."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from elasticache_kit.emulator.cloudformation import template as templates
from elasticache_kit.errors import EmulatorError

STACK = "aws:cloudformation:stack"
FILES = "cdk:asset-manifest"
_PLACEHOLDER = re.compile(r"\$\{AWS::(AccountId|Region|Partition)\}")


@dataclass(frozen=True, slots=True)
class AssetFile:
    """A file that a template expects in a bucket.

    Args:
        source: the file or folder.
        packed: whether it is a folder that goes there as a zip archive.
        bucket: the bucket, possibly with placeholders such as `${AWS::Region}`.
        key: its key there.
    """

    source: Path
    packed: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """Return what goes to the bucket."""
        if not self.packed:
            return self.source.read_bytes()
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(self.source.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(self.source))
        return held.getvalue()


@dataclass(frozen=True, slots=True)
class AssetImage:
    """A container image that a template expects in ECR.

    Args:
        source: the folder that it is built from.
        repository: its repository, possibly with placeholders such as `${AWS::Region}`.
        tag: its tag there.
    """

    source: Path
    repository: str
    tag: str


@dataclass(frozen=True, slots=True)
class Deployable:
    """A stack that can be deployed.

    Args:
        name: the stack's name.
        body: the template as text.
        files: what must be in buckets before.
        images: what must be in ECR before.
    """

    name: str
    body: str
    files: tuple[AssetFile, ...] = ()
    images: tuple[AssetImage, ...] = ()


def deployables(what: object, name: str | None = None) -> tuple[Deployable, ...]:
    """Return the stacks of what was given, each after those that it depends on.

    Args:
        what: a CDK stack, which is synthesized through its app and comes with the stacks that it depends on; a template
            as a mapping; or a path to a template (JSON or YAML) or to a cloud assembly (`cdk.out`).
        name: the name of the stack that a template becomes. Default: the name of its file, else `stack`. Of an
            assembly, the stack that is wanted, with those that it depends on; default: all.

    Raises:
        EmulatorError: it is none of these, or there is no such stack.
    """
    if isinstance(what, Mapping):
        return (Deployable(name or "stack", json.dumps(what)),)
    if isinstance(what, str | Path):
        return _at(Path(what), name)
    root = getattr(getattr(what, "node", None), "root", None)
    if hasattr(what, "artifact_id") and hasattr(root, "synth"):
        made: Any = what
        directory = cast("Any", root).synth().directory
        return _assembly(Path(directory), str(made.artifact_id))
    raise EmulatorError(
        f"{type(what).__name__} cannot be deployed: give a CDK stack, a template as a mapping, or the path of a "
        "template or of a cloud assembly (cdk.out)."
    )


def located(text: str, account_id: str, region: str) -> str:
    """Fill in the placeholders of an assembly."""
    known = {"AccountId": account_id, "Region": region, "Partition": "aws"}
    return _PLACEHOLDER.sub(lambda match: known[match[1]], text)


def _at(path: Path, name: str | None) -> tuple[Deployable, ...]:
    if path.is_dir():
        return _assembly(path, name)
    try:
        body = path.read_text(encoding="utf-8")
        templates.parse(body)
    except (OSError, ValueError) as error:
        raise EmulatorError(f"{path} is not a template that can be deployed: {error}") from error
    return (Deployable(name or re.sub(r"[^A-Za-z0-9-]", "-", path.name.partition(".")[0]), body),)


def _assembly(directory: Path, wanted: str | None) -> tuple[Deployable, ...]:
    try:
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EmulatorError(
            f"{directory} is not a cloud assembly: {error}. Synthesize first, see `cdk synth`."
        ) from error
    artifacts: dict[str, dict[str, Any]] = manifest.get("artifacts", {})
    stacks = {key: item for key, item in artifacts.items() if item["type"] == STACK}
    chosen = (
        list(stacks) if wanted is None else [key for key, item in stacks.items() if wanted in (key, _name(key, item))]
    )
    if not chosen:
        raise EmulatorError(
            f"{directory} has no stack {wanted!r}; it has {', '.join(sorted(stacks)) or 'none at all'}."
        )
    order: list[str] = []
    for key in chosen:
        _visit(key, artifacts, order)
    return tuple(_deployable(directory, key, artifacts) for key in order if key in stacks)


def _visit(key: str, artifacts: Mapping[str, dict[str, Any]], order: list[str]) -> None:
    if key in order:
        return
    for other in artifacts[key].get("dependencies", []):
        _visit(other, artifacts, order)
    order.append(key)


def _name(key: str, artifact: Mapping[str, Any]) -> str:
    return str(artifact["properties"].get("stackName") or key)


def _deployable(directory: Path, key: str, artifacts: Mapping[str, dict[str, Any]]) -> Deployable:
    artifact = artifacts[key]
    body = (directory / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
    manifests = [
        artifacts[other]["properties"]["file"]
        for other in artifact.get("dependencies", [])
        if artifacts[other]["type"] == FILES
    ]
    listed: list[dict[str, Any]] = [json.loads((directory / item).read_text(encoding="utf-8")) for item in manifests]
    files = [item for assets in listed for item in _files(directory, assets.get("files", {}))]
    images = [item for assets in listed for item in _images(directory, assets.get("dockerImages", {}))]
    return Deployable(_name(key, artifact), body, tuple(files), tuple(images))


def _images(directory: Path, listed: dict[str, Any]) -> list[AssetImage]:
    return [
        AssetImage(directory / item["source"]["directory"], target["repositoryName"], target["imageTag"])
        for item in listed.values()
        for target in item["destinations"].values()
    ]


def _files(directory: Path, listed: dict[str, Any]) -> list[AssetFile]:
    return [
        AssetFile(
            directory / item["source"]["path"],
            item["source"].get("packaging") == "zip",
            target["bucketName"],
            target["objectKey"],
        )
        for item in listed.values()
        for target in item["destinations"].values()
    ]
