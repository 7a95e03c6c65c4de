"""The facts that the package ships."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from elasticache_kit.model import data

MODEL = Path(data.__file__).parent.parent
FILES = sorted(path.stem for path in Path(data.__file__).parent.glob("*.json"))


MODULES = sorted(
    "elasticache_kit.model." + ".".join(path.with_suffix("").relative_to(MODEL).parts)
    for path in MODEL.rglob("*.py")
    if path.stem not in {"__init__", "__main__"}
)


def sources(text: str) -> set[str]:
    """Return every source that is named anywhere in a file."""
    found: set[str] = set()

    def collect(pairs: list[tuple[str, object]]) -> None:
        for name, value in pairs:
            if name == "source":
                found.update(cast("list[str]", value) if isinstance(value, list) else [str(value)])

    json.loads(text, object_pairs_hook=collect)
    return found


def test_the_files_are_there() -> None:
    """The model reads these and no others."""
    assert FILES == [
        "authorization",
        "compliance",
        "engines",
        "limits",
        "metrics",
        "node_types",
        "parameters",
        "properties",
        "replacement",
        "return_values",
        "rules",
        "unchecked",
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_source_is_explained(name: str) -> None:
    """Each key that stands before a colon is in the legend of its file."""
    text = Path(data.__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
    legend = cast("dict[str, dict[str, str]]", data.load(name))["sources"]
    keys = {source.split(":")[0].split(" ")[0] for source in sources(text)}

    assert keys
    assert keys <= set(legend)


def test_importing_the_model_reads_the_rules_alone() -> None:
    """The large files are read by whoever needs them."""
    probe = (
        "import sys, importlib; "
        f"[importlib.import_module(name) for name in {MODULES}]; "
        "from elasticache_kit.model import data; print(data.load.cache_info().currsize); "
        "print([name for name in ('aws_cdk', 'boto3', 'moto', 'importlib.resources') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["1", "[]"]
