"""The fixed top level and the one file that must never exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_constructs_is_a_source_root() -> None:
    """constructs/ holds no __init__.py, which would shadow the package that the CDK imports."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_constructs_is_the_package_from_pypi() -> None:
    """`import constructs` finds the CDK's package even from the root of the repository."""
    probe = "import constructs; print(constructs.__file__); print(constructs.Construct.__name__)"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    place, name = done.stdout.splitlines()

    assert "site-packages" in Path(place).parts
    assert name == "Construct"


def test_an_init_file_would_break_the_cdk(tmp_path: Path) -> None:
    """The guard is needed: a package of that name which is found first hides the CDK's."""
    (tmp_path / "constructs").mkdir()
    (tmp_path / "constructs" / "__init__.py").touch()

    probe = "import aws_cdk"
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "constructs" in done.stderr


@pytest.mark.parametrize(
    "name", ["app.py", "cdk.json", "stacks", "constructs/elasticache_kit", "constructs/README.md", "tests", "README.md"]
)
def test_top_level_holds_what_it_must(name: str) -> None:
    """Everything that a user looks for at the top is there."""
    assert (ROOT / name).exists()


@pytest.mark.parametrize(
    "module", ["elasticache_kit", "elasticache_kit.errors", "elasticache_kit.model.replication_group"]
)
def test_the_root_and_the_model_import_nothing_heavy(module: str) -> None:
    """Whoever asks the rulebook pays for the standard library only."""
    assert _imports(module, "aws_cdk", "jsii", "boto3", "moto") == []


@pytest.mark.parametrize("module", ["elasticache_kit.ops", "elasticache_kit.drills", "elasticache_kit.cli"])
def test_operators_do_not_import_the_cdk(module: str) -> None:
    """Whoever operates a cache does not pay for the import of the CDK, which starts node."""
    assert _imports(module, "aws_cdk", "jsii") == []


def test_the_constructs_import_the_cdk() -> None:
    """The probe sees an import where there is one."""
    assert _imports("elasticache_kit.cdk", "aws_cdk", "boto3") == ["aws_cdk"]


def _imports(module: str, *heavy: str) -> list[str]:
    """Return which of the heavy packages a fresh interpreter has loaded after importing a module."""
    probe = f"import sys, {module}; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()
