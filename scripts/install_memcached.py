"""Install memcached with the system's package manager, where this user may.

memcached is the one engine without a wheel. Only its own tests need it, so not getting it is a note and no failure:
those tests then skip with the reason, and fail in CI. ELASTICACHE_KIT_SYSTEM_PACKAGES=no leaves the system alone.
Standard library only, like set_up.py, which runs before it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TRIED = Path(__file__).resolve().parent.parent / ".venv" / "memcached-tried"
TIME_LIMIT_SECONDS = 240
# Where packages put it, beside what is on PATH: a user's PATH often lacks the sbin folders.
FOLDERS = ("/usr/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")


@dataclass(frozen=True, slots=True)
class PackageManager:
    """One program that installs system packages, and its commands for memcached."""

    program: str
    commands: tuple[tuple[str, ...], ...]
    needs_root: bool = True


# Without a network apt-get would wait for each of its sources in turn.
_APT = ("apt-get", "-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60")
PACKAGE_MANAGERS = (
    PackageManager("apt-get", ((*_APT, "update"), (*_APT, "install", "-y", "--no-install-recommends", "memcached"))),
    PackageManager("dnf", (("dnf", "install", "-y", "memcached"),)),
    PackageManager("apk", (("apk", "add", "--no-cache", "memcached"),)),
    PackageManager("zypper", (("zypper", "--non-interactive", "install", "memcached"),)),
    PackageManager("pacman", (("pacman", "-S", "--noconfirm", "memcached"),)),
    PackageManager("brew", (("brew", "install", "memcached"),), needs_root=False),
)


def find_memcached(environment: Mapping[str, str], folders: Sequence[str] = FOLDERS) -> Path | None:
    """Find the memcached program on PATH or where packages put it, None where there is none."""
    found = shutil.which("memcached", path=os.pathsep.join([environment.get("PATH", ""), *folders]))
    return Path(found) if found else None


def find_package_manager(environment: Mapping[str, str]) -> PackageManager | None:
    """Find the first package manager on PATH that we know."""
    for manager in PACKAGE_MANAGERS:
        if shutil.which(manager.program, path=environment.get("PATH")):
            return manager
    return None


def become_root(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Give the words that run a command as root without a password: none for root itself, None where it cannot be."""
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo", path=environment.get("PATH"))
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return (sudo, "-n")
    return None


def by_hand(manager: PackageManager | None) -> str:
    """Give the one command that a person types to install memcached."""
    if manager is None:
        return "install memcached with your system's package manager"
    words = ["sudo"] * manager.needs_root + [word for word in manager.commands[-1] if word not in _APT[1:]]
    return shlex.join(words)


def install(manager: PackageManager, root: tuple[str, ...]) -> str | None:
    """Run the commands of a package manager; give the reason where one fails."""
    for command in manager.commands:
        words = [*root, "env", "DEBIAN_FRONTEND=noninteractive", *command]
        try:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIME_LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{shlex.join(command)} gave no answer in {TIME_LIMIT_SECONDS} s"
        # A failed update may still leave lists that are good enough, so only the last command decides.
        if done.returncode != 0 and command is manager.commands[-1]:
            lines = done.stdout.strip().splitlines() or ["it said nothing"]
            return f"{command[0]} ended with exit code {done.returncode}: {lines[-1]}"
    return None


def provide(environment: Mapping[str, str], folders: Sequence[str] = FOLDERS) -> str | None:
    """Install memcached unless it is there; give the reason why it is not there afterwards."""
    if find_memcached(environment, folders):
        return None
    if environment.get("ELASTICACHE_KIT_SYSTEM_PACKAGES") == "no":
        return "ELASTICACHE_KIT_SYSTEM_PACKAGES=no forbids it"
    if TRIED.exists() and not environment.get("CI"):
        return TRIED.read_text(encoding="utf-8").strip()
    manager = find_package_manager(environment)
    if manager is None:
        return f"none of {', '.join(manager.program for manager in PACKAGE_MANAGERS)} is here"
    root = become_root(environment) if manager.needs_root else ()
    if root is None:
        return "this needs root, and there is no sudo without a password"
    say(f"installing memcached with {manager.program}")
    reason = install(manager, root)
    if reason is None and not find_memcached(environment, folders):
        reason = f"{manager.program} ended well, but no memcached is in PATH or {', '.join(folders)}"
    if reason and TRIED.parent.is_dir():
        # One try for each environment: the second run must not wait for a network that is not there.
        TRIED.write_text(reason, encoding="utf-8")
    return reason


def say(text: str) -> None:
    """Tell the user what goes on."""
    print(f"set-up: {text}", flush=True)  # noqa: T201 # this is a command, and its output is what it is for


def main() -> int:
    """Install memcached where it may be; a failure is a note."""
    if reason := provide(os.environ):
        say(f"memcached is not installed ({reason}). Only its own tests need it. To install it:")
        say(f"  {by_hand(find_package_manager(os.environ))}")
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="Example: python3 scripts/install_memcached.py, as `make set-up` does.",
    ).parse_args()
    sys.exit(main())
