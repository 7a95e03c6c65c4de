"""`elasticache-kit adopt`, on a local ElastiCache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = pytest.mark.engine


def test_two_files_are_written_and_the_next_commands_told(local: Local) -> None:
    """The code and the mapping; what to do next goes to standard error."""
    name = local.group("told", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())

    done = local.run("adopt", name, "--stack", "my-told", "--out", "my told.py")

    assert done.returncode == 0, done.stderr
    mapping = json.loads((local.folder / "my told.mapping.json").read_text())
    (logical_id,) = mapping
    assert mapping == {logical_id: {"ReplicationGroupId": "told"}}
    assert done.stdout.splitlines() == [
        "my told.py: the app with the stack my-told",
        f"my told.mapping.json: {logical_id} is told",
    ]
    assert done.stderr.splitlines()[1] == (
        """  cdk import my-told --app 'python3 '"'"'my told.py'"'"'' --resource-mapping 'my told.mapping.json'"""
    )
    code = (local.folder / "my told.py").read_text()
    assert "class MyToldStack(Stack):" in code
    assert 'NodeType.of("cache.t4g.micro")' in code


def test_a_file_that_exists_is_overwritten_only_by_force(local: Local) -> None:
    """Neither file is touched otherwise."""
    name = local.group("kept", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())
    mapping = local.folder / "kept.mapping.json"
    mapping.write_text("mine")

    refused = local.run("adopt", name)
    kept, written = mapping.read_text(), (local.folder / "kept.py").exists()
    forced = local.run("adopt", name, "--force", "--output", "json")

    assert (refused.returncode, kept, written) == (4, "mine", False)
    assert "kept.mapping.json exists: choose another --out, or overwrite it with --force" in refused.stderr
    document = json.loads(forced.stdout)
    assert (document["code"], document["mapping"], document["notes"]) == ("kept.py", "kept.mapping.json", [])
    assert json.loads(mapping.read_text()) == {document["logical_id"]: {"ReplicationGroupId": "kept"}}


def test_wrong_names_are_wrong_use(local: Local) -> None:
    """Exit code 2, and no file."""
    name = local.group("named", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())

    done = local.run("adopt", name, "--id", "my-cache", "--out", "nowhere/named.py")

    assert done.returncode == 2
    assert "the construct id 'my-cache'" in done.stderr
    assert not (local.folder / "nowhere").exists()


def test_a_folder_that_does_not_exist_is_said(local: Local) -> None:
    """It is not made, for it may be a mistake."""
    name = local.group("lost", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())

    done = local.run("adopt", name, "--out", "nowhere/lost.py")

    assert done.returncode == 4
    assert "there is no folder nowhere: make it first" in done.stderr
