"""The commands of a scheduled drill's build, as a shell takes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from elasticache_kit.cdk.scheduled_drill.build import DrillBuild


def test_objectives_are_written_for_the_drill(tmp_path: Path) -> None:
    """As the command reads them, whatever a shell makes of their text."""
    build = DrillBuild(drill="failover", objectives={"write_outage_p95": "15s", "lost_writes_max": 0}, trials=3)
    subprocess.run(["sh", "-c", build.script().splitlines()[0]], cwd=tmp_path, check=True)  # noqa: S607 - the shell of a build

    assert (tmp_path / "objectives.yaml").read_text() == "write_outage_p95: 15s\nlost_writes_max: 0\n"
    assert "--trials 3 --slo objectives.yaml" in build.script()


def test_an_experiment_template_stands_in_a_variable() -> None:
    """Only for the drill that starts an experiment."""
    assert '--fis-template "$FIS_TEMPLATE"' in DrillBuild(drill="az-loss").script()
    assert "FIS_TEMPLATE" not in DrillBuild(drill="failover").script()


def fake_kit(folder: Path, codes: dict[str, int]) -> dict[str, str]:
    """Make a Python that only notes what it is asked, and ends as it is told."""
    cases = "\n".join(f"  {word}) exit {code};;" for word, code in codes.items())
    (folder / "python").write_text(f'#!/bin/sh\necho "$@" >> calls\ncase $3 in\n{cases}\nesac\n')
    (folder / "python").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "GROUP": "orders", "BUCKET": "reports", "PREFIX": "Drill/"}


@pytest.mark.parametrize(
    ("drill", "publish", "expected"),
    [(0, 0, 0), (1, 0, 1), (3, 0, 3), (4, 0, 4), (0, 4, 4), (1, 4, 1)],
)
def test_the_build_ends_as_the_drill_does(tmp_path: Path, drill: int, publish: int, expected: int) -> None:
    """Its outcome is told however it ends, and what cannot be told fails the build."""
    variables = fake_kit(tmp_path, {"drill": drill, "publish": publish})
    done = subprocess.run(["sh", "-c", DrillBuild(drill="failover").script()], cwd=tmp_path, env=variables, check=False)  # noqa: S607 - see above

    assert done.returncode == expected
    run, told = (tmp_path / "calls").read_text().splitlines()
    assert run == "-m elasticache_kit.cli drill run failover orders --apply --trials 1 --report report"
    assert told.startswith("-m elasticache_kit.cli publish report --drill failover --group orders ")
    assert told.endswith(f"--exit-code {drill} --bucket reports --prefix Drill/ --apply")
