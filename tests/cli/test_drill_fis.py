"""`elasticache-kit drill run az-loss --fis-template`: what is refused before anything is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.local import REGION
from tests.drills.fis import fis, template

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = [pytest.mark.engine, pytest.mark.calm]


def group(local: Local, name: str) -> str:
    """Make a group over two zones that the template of its name is about."""
    zones = [f"{REGION}a", f"{REGION}b"]
    tags = [{"Key": "drill", "Value": name}]
    return local.group(name, PreferredCacheClusterAZs=zones, MultiAZEnabled=True, Tags=tags)


def test_a_template_of_another_zone_is_refused_before_anything_breaks(local: Local) -> None:
    """Nothing is started."""
    name = group(local, "elsewhere")
    made = template(local, f"{REGION}f", name)

    done = local.run("drill", "run", "az-loss", name, "--fis-template", made)

    assert done.returncode == 4
    assert f"is about the zone {REGION}f, and nodes of the group are in {REGION}a, {REGION}b" in done.stderr
    assert "has no stop condition, and neither has the drill" in done.stderr
    assert fis(local).list_experiments(experimentTemplateId=made)["experiments"] == []
