"""A report as a PNG, by a real browser where there is one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.drills.report.page import page
from elasticache_kit.drills.report.screenshot import VARIABLE, WIDTH, Browser, ScreenshotError, browser
from elasticache_kit.errors import MissingToolError
from tests.drills.forged import result
from tests.drills.story import failover_story


@pytest.fixture
def html(tmp_path: Path) -> Path:
    """Write a report."""
    path = tmp_path / "report.html"
    path.write_text(page(result(failover_story())), encoding="utf-8")
    return path


def test_the_whole_page_is_in_the_picture(html: Path) -> None:
    """As wide as was asked for, and higher than any window."""
    try:
        found = browser()
    except MissingToolError:
        pytest.skip("no browser of the Chromium family is installed")
    picture = html.with_suffix(".png")

    found.take(html, picture)

    head = picture.read_bytes()[:24]
    width, height = struct.unpack(">II", head[16:24])
    assert head.startswith(b"\x89PNG")
    assert width == WIDTH
    assert height > 1500
    assert picture.stat().st_size > 50_000, "a blank page is smaller"


def test_a_browser_that_fails_is_said(html: Path) -> None:
    """Negative control: a program that draws nothing."""
    with pytest.raises(ScreenshotError, match="did not say how high the report is"):
        Browser("/bin/true").take(html, html.with_suffix(".png"))
    with pytest.raises(ScreenshotError, match="made no picture of the report"):
        Browser("/no/such/browser").take(html, html.with_suffix(".png"))


def test_without_a_browser_it_is_said_before_the_drill(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what was tried, and what else there is."""
    monkeypatch.setenv(VARIABLE, "no-such-browser")
    words = ["drill", "run", "failover", "orders", "--png"]

    done = CliRunner().invoke(main, [*words, "--report", str(tmp_path)])
    alone = CliRunner().invoke(main, words)

    assert done.exit_code == 4
    assert "no-such-browser on PATH" in done.stderr
    assert "report.svg is there" in done.stderr
    assert (alone.exit_code, "--report DIR" in alone.stderr) == (2, True)
