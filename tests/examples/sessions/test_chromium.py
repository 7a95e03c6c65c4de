"""The visitor with a browser: Chromium, where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.sessions import story
from examples.sessions.chromium import chromium, find
from examples.sessions.visitor import VisitError

PROGRAM = find()

pytestmark = [pytest.mark.engine, pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")]


def test_a_browser_is_known_on_both_instances(url: str, tmp_path: Path) -> None:
    """It keeps the cookie, sends the forms, and takes a picture of the page; its processes end with the block."""
    picture = tmp_path / "pictures" / "page.png"
    with chromium(PROGRAM or "", url) as browser:
        steps = [step.text for step in story.log_in(browser)]
        browser.save_picture(picture)

    assert "one (4 pages), two (4 pages)" in steps[2]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_program_that_is_no_browser_is_an_error() -> None:
    """Not a wait for ever."""
    with pytest.raises(VisitError, match="Chromium has ended"), chromium("/bin/true", "http://127.0.0.1:9"):
        pass
