"""Container images of the local account: instead of an image, the folder that it would be built from is kept.

The CDK CLI runs Docker by the program that CDK_DOCKER names. `program` makes one that copies the folder of an image and
tells ECR of it, so that `cdk deploy` takes the same steps as on AWS, and `task` finds the folder by the image's name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from elasticache_kit.errors import ElastiCacheKitError, EmulatorError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Where images are, in the directory of the emulator; the variable tells the program of the CDK CLI.
IMAGES = "images"
VARIABLE = "ELASTICACHE_KIT_IMAGES"
FOLDER = "elasticache-kit.folder"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
# What Docker ends with where an image is not there.
ABSENT = 1
_REFERENCE = re.compile(r"[^/.]+\.dkr\.ecr\.(?P<region>[^/.]+)\.[^/]+/(?P<repository>[^:@]+):(?P<tag>[^:@]+)")


class ImageStore:
    """The folders of images, by the names that Docker would know them by.

    Args:
        directory: its own; made when it is first needed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def build(self, name: str, context: Path) -> Path:
        """Keep a copy of a folder under a name, in the place of what had it, and return the copy."""
        target = self._directory / quote(name, safe="")
        self._directory.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=self._directory))
        shutil.copytree(context, draft / "folder", symlinks=True)
        shutil.rmtree(target, ignore_errors=True)
        (draft / "folder").replace(target)
        draft.rmdir()
        return target

    def tag(self, source: str, name: str) -> None:
        """Give what has one name another one too.

        Raises:
            NotFoundError: nothing has the name.
        """
        link = self._directory / quote(name, safe="")
        target = self.folder(source)
        link.unlink(missing_ok=True)
        link.symlink_to(target.name)

    def find(self, name: str) -> Path | None:
        """Return the folder of a name, None where nothing has it."""
        found = self._directory / quote(name, safe="")
        return found.resolve() if found.is_dir() else None

    def folder(self, name: str) -> Path:
        """Return the folder of a name.

        Raises:
            NotFoundError: nothing has the name.
        """
        found = self.find(name)
        if found is None:
            raise NotFoundError(f"There is no local image {name}: build it first.")
        return found


def publish(ecr: Any, repository: str, tag: str, folder: Path) -> None:
    """Put an image into ECR that names its folder; the same again does nothing."""
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": EMPTY, "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}", "size": 2},
        "layers": [],
        "annotations": {FOLDER: str(folder)},
    }
    text = json.dumps(manifest)
    if folder_of(ecr, repository, tag) != folder:
        ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=text, imageManifestMediaType=MANIFEST)


def folder_of(ecr: Any, repository: str, tag: str) -> Path | None:
    """Return the folder of an image in ECR, None where there is no such image or it has none."""
    try:
        found = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]
    except ecr.exceptions.RepositoryNotFoundException:
        return None
    named = json.loads(found[0]["imageManifest"]).get("annotations", {}).get(FOLDER) if found else None
    return Path(named) if named else None


@dataclass(frozen=True, slots=True)
class Reference:
    """An image of ECR: its Region, its repository and its tag."""

    region: str
    repository: str
    tag: str

    @classmethod
    def read(cls, text: str) -> Reference | None:
        """Read the name of an image; None for one of another registry."""
        matched = _REFERENCE.fullmatch(text)
        return cls(**matched.groupdict()) if matched else None


def program(directory: Path) -> Path:
    """Write the program that the CDK CLI runs as Docker, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "docker"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {__name__} "$@"\n')
    path.chmod(0o700)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the CDK CLI asks of Docker: `login`, `inspect`, `build`, `tag`, `push`."""
    parser = argparse.ArgumentParser(prog="docker", description=__doc__, exit_on_error=False)
    parser.add_argument("--config")
    parser.add_argument("operation")
    known, rest = parser.parse_known_args(arguments)
    store = ImageStore(Path(os.environ[VARIABLE]))
    try:
        return _operate(known.operation, rest, store)
    except ElastiCacheKitError as error:
        sys.stderr.write(f"{error}\n")
        return ABSENT


def _operate(operation: str, rest: Sequence[str], store: ImageStore) -> int:
    match operation:
        case "login":
            sys.stdin.read()
        case "inspect":
            store.folder(rest[-1])
        case "build":
            # The folder is the present one, and where the CDK CLI names a Dockerfile that is in it.
            store.build(rest[rest.index("--tag") + 1], Path.cwd())
        case "tag":
            store.tag(rest[-2], rest[-1])
        case "push":
            _push(rest[-1], store)
        case _:
            raise EmulatorError(
                f"The local emulator has no Docker, and docker {operation} needs it: build the asset without bundling "
                "in a container."
            )
    return 0


def _push(reference: str, store: ImageStore) -> None:
    import boto3  # noqa: PLC0415 - most of what Docker is asked does without

    found = Reference.read(reference)
    if found is None:
        raise EmulatorError(f"The local emulator takes images of ECR only, and not {reference}.")
    client: Any = boto3.client("ecr", region_name=found.region, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    publish(client, found.repository, found.tag, store.folder(reference))


if __name__ == "__main__":
    sys.exit(main())
