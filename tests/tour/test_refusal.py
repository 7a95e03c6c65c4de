"""The check of refusals, with templates that do not keep the promise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tour.place import Place
from tour.promise import BrokenError
from tour.refusal import GROUP, STACK, check, compare


def template(folder: Path, **properties: Any) -> Path:
    """Write a template with one group."""
    folder.mkdir(exist_ok=True, parents=True)
    known = {"ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t4g.small"}
    path = folder / f"kit-{STACK}.template.json"
    group = {
        "Type": GROUP,
        "Properties": {**known, "AutomaticFailoverEnabled": True, "TransitEncryptionEnabled": False, **properties},
    }
    path.write_text(json.dumps({"Resources": {"Group": group}}))
    return path


def test_both_mistakes_are_found(tmp_path: Path) -> None:
    """In a copy of what was deployed."""
    template(tmp_path / "cdk.out", NumCacheClusters=2)

    assert "both are found" in check(Place({}, tmp_path, "kit-"))


def test_a_deployed_template_that_is_refused_breaks_it(tmp_path: Path) -> None:
    """A rulebook that refuses what ElastiCache took is wrong."""
    wrong = template(tmp_path, NumCacheClusters=9)

    with pytest.raises(BrokenError, match="the deployed template is refused"):
        compare(Place({}, tmp_path), wrong, wrong)


def test_a_mistake_that_is_not_found_breaks_it(tmp_path: Path) -> None:
    """So does a template with mistakes that passes."""
    right = template(tmp_path, NumCacheClusters=2)

    with pytest.raises(BrokenError, match="ends with 0, not with 1"):
        compare(Place({}, tmp_path), right, right)
