"""A folder with the report of a drill, as far as it tells of itself."""

from __future__ import annotations

import json
from pathlib import Path


def write_report(folder: Path, verdict: str = "passed") -> Path:
    """Write the two files of a report that tests look for."""
    folder.mkdir()
    told = {
        "drill": "failover",
        "replication_group": {"id": "orders"},
        "run_id": "0a1b2c3d",
        "started": "2026-11-24T04:00:07+00:00",
        "verdict": verdict,
    }
    (folder / "report.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html>", encoding="utf-8")
    return folder
