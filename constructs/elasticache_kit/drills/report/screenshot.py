"""A report as a PNG: its page as a browser without a window shows it, in its whole height."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.errors import ElastiCacheKitError, MissingToolError

VARIABLE = "ELASTICACHE_KIT_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
WIDTH = 1100
_TIMEOUT_SECONDS = 60
# The page has no script; a copy of it is asked how high it is.
_ASK = "<script>document.title = 'height ' + document.documentElement.scrollHeight</script>"
_HEIGHT = re.compile(r"<title>height (\d+)</title>")


class ScreenshotError(ElastiCacheKitError):
    """A browser is there and did not make a picture."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser of the Chromium family.

    Args:
        program: where it is.
    """

    program: str

    def take(self, page: Path, picture: Path) -> None:
        """Write a page as a PNG, 1100 pixels wide and as high as it is.

        Args:
            page: the HTML file.
            picture: where the PNG goes.

        Raises:
            ScreenshotError: the browser made none.
        """
        with tempfile.TemporaryDirectory(prefix="elasticache-kit-") as folder:
            copy = Path(folder) / "copy.html"
            copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{_ASK}</body>"), encoding="utf-8")
            told = self._run(folder, "--dump-dom", f"--window-size={WIDTH},800", copy.as_uri())
            height = _HEIGHT.search(told)
            if height is None:
                raise ScreenshotError(f"{self.program} did not say how high the report is: {told.strip()[-200:]!r}")
            size = f"--window-size={WIDTH},{height[1]}"
            told = self._run(folder, f"--screenshot={picture.resolve()}", size, page.resolve().as_uri())
        if not picture.is_file():
            raise ScreenshotError(f"{self.program} made no picture of the report: {told.strip()[-200:]!r}")

    def _run(self, folder: str, *words: str) -> str:
        # Nothing of the user's own profile is touched, and nothing is fetched: the report needs no network.
        options = [
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile",
        ]
        # Chromium's sandbox does not work for root; the page is one that was written here.
        options += ["--no-sandbox"] if os.geteuid() == 0 else []
        try:
            done = subprocess.run(
                [self.program, *options, *words], capture_output=True, timeout=_TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ScreenshotError(f"{self.program} made no picture of the report: {error}") from error
        return (done.stdout or done.stderr).decode(errors="replace")


def browser() -> Browser:
    """Return the browser that `ELASTICACHE_KIT_BROWSER` names, or the first one of the Chromium family on PATH.

    Raises:
        MissingToolError: there is none; with what was tried.
    """
    named = os.environ.get(VARIABLE)
    names = (named,) if named else _NAMES
    found = next((path for name in names if (path := shutil.which(name)) is not None), None)
    if found is None:
        raise MissingToolError(
            "a browser that makes a PNG of a report",
            [f"{name} on PATH" for name in names],
            ["install Chromium", f"set {VARIABLE} to a browser of its family", "leave --png away: report.svg is there"],
        )
    return Browser(found)
