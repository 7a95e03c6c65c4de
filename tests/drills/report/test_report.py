"""Text and files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree as ET

from elasticache_kit.drills.report.report import text, write
from tests.drills.forged import LOCAL, result
from tests.drills.story import failover_story


def test_the_text_is_a_table_under_the_verdict() -> None:
    """Columns are aligned, and where it ran is said."""
    lines = text(result(failover_story())).splitlines()

    assert lines[0] == "drill failover on orders (AWS, eu-west-1): PASSED"
    assert lines[2].split("  ")[0] == "node group"
    assert lines[4].startswith("0001        write outage              passed   the longest gap was 2.01 s (limit 60 s)")
    assert lines[6].endswith("none observed in 600 (allowed 0)")


def test_the_text_of_a_local_run_is_stamped() -> None:
    """On its second line."""
    lines = text(result(failover_story(), capability=LOCAL)).splitlines()

    assert lines[0] == "drill failover on orders (local ElastiCache): PASSED"
    assert lines[1].startswith("local emulator: not an AWS recovery time (timing profile 'fast')")


def test_keys_that_are_left_are_told() -> None:
    """With when they go by themselves."""
    assert "the drill's keys could not all be removed; they expire in 5412 s" in text(
        result(failover_story(), cleaned_up=False)
    )


def test_all_files_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    """The history has every entry."""
    told = result(failover_story())

    paths = write(told, tmp_path / "deep" / "report")

    assert sorted(path.name for path in paths.values()) == [
        "history.jsonl.gz",
        "junit.xml",
        "report.html",
        "report.json",
        "report.md",
        "report.svg",
    ]
    assert json.loads(paths["json"].read_text())["run_id"] == "4f2a"
    with gzip.open(paths["history"], "rt") as file:
        lines = [json.loads(line) for line in file]
    assert len(lines) == len(list(told.history.lines())) > 3000
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_the_picture_is_a_file_of_its_own(tmp_path: Path) -> None:
    """With its style, and nothing to fetch."""
    paths = write(result(failover_story()), tmp_path)

    root = ET.fromstring(paths["picture"].read_text())  # noqa: S314 - of our own making
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{http://www.w3.org/2000/svg}style") is not None
    assert not [element for element in root.iter() if any("href" in name for name in element.attrib)]
