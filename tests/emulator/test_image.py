"""Container images without Docker: what the CDK CLI asks of it, and where the folder of an image is then."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator import image, local_environment
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.image import ImageStore, Reference

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator
    from tests.emulator.wire import Client

REPOSITORY = "cdk-container-assets"
PUSHED = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}:3fa9"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """The folder that an image is built from."""
    folder = tmp_path / "asset"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "serve.py").write_text("print('served')")
    return folder


def test_an_image_goes_to_ecr_as_the_cdk_sends_it(
    control_plane: Emulator, client: Client, context: Path, tmp_path: Path
) -> None:
    """Login, inspect, build, tag, push: afterwards ECR knows the folder, as it was when it was built."""
    client("ecr").create_repository(repositoryName=REPOSITORY)
    home = tmp_path / "home of the CDK's"
    environment = local_environment.environment(control_plane.endpoint_url, home=home)
    environment[image.VARIABLE] = str(tmp_path / "images")

    def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [image.program(home), *arguments]
        return subprocess.run(
            argv, env=environment, cwd=context, input="word", capture_output=True, text=True, check=False
        )

    codes = [
        docker("login", "--username", "AWS", "--password-stdin", "registry").returncode,
        docker("inspect", "cdkasset-3fa9").returncode,
        docker("build", "--tag", "cdkasset-3fa9", "--platform", "linux/amd64", ".").returncode,
        docker("inspect", "cdkasset-3fa9").returncode,
        docker("tag", "cdkasset-3fa9", PUSHED).returncode,
        docker("push", PUSHED).returncode,
        docker("push", PUSHED).returncode,
    ]
    (context / "inner" / "serve.py").write_text("print('later')")
    folder = image.folder_of(client("ecr"), REPOSITORY, "3fa9")

    assert codes == [0, 1, 0, 0, 0, 0, 0]
    assert folder is not None
    assert (folder / "inner" / "serve.py").read_text() == "print('served')"
    refused = docker("run", "--rm", "image", "bash")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "docker run needs it" in refused.stderr


def test_an_assembly_brings_its_images(control_plane: Emulator, client: Client, context: Path) -> None:
    """A deployment without the CDK CLI; again is no second image."""
    assembly = context.parent
    asset = {
        "source": {"directory": context.name},
        "destinations": {"here": {"repositoryName": f"{REPOSITORY}-${{AWS::AccountId}}", "imageTag": "3fa9"}},
    }
    files: dict[str, Any] = {
        "manifest.json": {
            "artifacts": {
                "web.assets": {"type": "cdk:asset-manifest", "properties": {"file": "web.assets.json"}},
                "web": {
                    "type": "aws:cloudformation:stack",
                    "properties": {"templateFile": "web.template.json"},
                    "dependencies": ["web.assets"],
                },
            }
        },
        "web.assets.json": {"dockerImages": {"3fa9": asset}},
        "web.template.json": {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}},
    }
    for name, content in files.items():
        (assembly / name).write_text(json.dumps(content))
    account = LocalAccount(control_plane)
    account.deploy(assembly, name="web")
    account.deploy(assembly, name="web")

    repository = f"{REPOSITORY}-{account.account_id}"
    folder = image.folder_of(client("ecr"), repository, "3fa9")
    assert folder is not None
    assert (folder / "inner" / "serve.py").is_file()
    assert len(client("ecr").describe_images(repositoryName=repository)["imageDetails"]) == 1


def test_the_name_of_an_image_is_read_where_it_is_one_of_ecr() -> None:
    """Others have no folder here."""
    assert Reference.read(PUSHED) == Reference("eu-west-1", REPOSITORY, "3fa9")
    assert Reference.read("public.ecr.aws/docker/library/python:3.13") is None
    assert Reference.read("web:1") is None


def test_another_build_under_a_name_takes_its_place(context: Path, tmp_path: Path) -> None:
    """And what is not there has no folder."""
    store = ImageStore(tmp_path / "images")
    store.build("web", context)
    (context / "new").touch()

    assert (store.build("web", context) / "new").exists()
    assert store.find("other") is None
    assert [path.name for path in (tmp_path / "images").iterdir()] == ["web"]
