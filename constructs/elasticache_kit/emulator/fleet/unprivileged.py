"""How a program is started that refuses to run as root, in folders that only root can enter."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from elasticache_kit.errors import MissingToolError

# A user that every machine has, and nobody signs in as.
USER = "nobody"


def command(argv: list[str]) -> list[str]:
    """Return a command that runs as this user, or as `nobody` where this one is root.

    Of root's rights it keeps the one to pass folders that are closed to others: the program itself and its data may be
    in root's home.

    Raises:
        MissingToolError: this user is root, and setpriv is not installed.
    """
    if os.geteuid() != 0:
        return argv
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise MissingToolError(
            "setpriv",
            ["setpriv on PATH: not there"],
            ["run the emulator as another user than root", "install util-linux"],
        )
    account = pwd.getpwnam(USER)
    who = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    rights = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    # The kernel forgets with the change of the user what it was told to do when the launcher ends.
    return [setpriv, *who, *rights, "--pdeathsig=QUIT", "--", *argv]


def own(folder: Path) -> None:
    """Give an empty folder to the user that `command` runs as."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
