"""Make the model's data anew from the packages that carry AWS's own, and say what changes.

    .venv/bin/python -m scripts.regenerate_model           write what differs
    .venv/bin/python -m scripts.regenerate_model --check   write nothing

`properties.json` and `authorization.json` are made whole, and of `node_types.json` the Regions. All other facts were
read in AWS's pages and reviewed: they stay as they are, and what a package knows that they lack is listed for a person
to look up. Nothing is read but this repository and the packages of its lock. The exit code is 1 where something is to
be reviewed or, with `--check`, differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click

# Run by its file, Python looks in this folder alone.
if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.model_data import (
    difference,
    layout,
    offer,
    predefined_metric,
    provider_schema,
    service_authorization,
)

DATA = Path(__file__).resolve().parent.parent / "constructs" / "elasticache_kit" / "model" / "data"
Documents = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What came of it.

    Args:
        documents: the content of each file that is made from packages, by its name without the ending.
        differences: what changes in them, a line for each fact.
        unreviewed: what a person has to look up.
    """

    documents: Documents
    differences: tuple[str, ...]
    unreviewed: tuple[str, ...]


def read(folder: Path = DATA) -> Documents:
    """Return the data as they are, by the name of the file."""
    return {
        path.stem: cast("Mapping[str, object]", json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    }


def regenerate(current: Documents) -> Regenerated:
    """Make everything that packages know anew, from data as they are."""
    offered = offer.node_types()
    documents: dict[str, Mapping[str, object]] = {
        "authorization": service_authorization.document(),
        "properties": provider_schema.document(),
        "node_types": offer.regenerated_node_types(current["node_types"], offered),
    }
    changes = [
        line
        for name, new in documents.items()
        for line in difference.differences(current.get(name, {}), new, f"{name}.json")
    ]
    return Regenerated(documents, tuple(changes), tuple(_unreviewed(current, offered)))


def write(documents: Documents, folder: Path) -> None:
    """Write data, each in its file."""
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(layout.text(document), encoding="utf-8")


def _unreviewed(current: Documents, offered: Mapping[str, frozenset[str]]) -> Iterator[str]:
    yield from offer.unreviewed_node_types(current["node_types"], offered)
    yield from offer.unreviewed_versions(current["engines"], offer.versions())
    yield from predefined_metric.unreviewed_metrics(current["metrics"], predefined_metric.metrics())


@click.command(
    help=(__doc__ or "").splitlines()[0],
    epilog="Example: python scripts/regenerate_model.py --check, as `make model-data CHECK=1` does.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where the data and the packages differ.")
def main(*, check: bool) -> None:
    """Make the data anew, print what changes, and write it."""
    made = regenerate(read())
    for line in made.differences:
        click.echo(line)
    for line in made.unreviewed:
        click.echo(f"? {line}")
    if not check:
        write(made.documents, DATA)
    done = "differ" if check else "written"
    click.echo(f"{len(made.differences)} facts {done}, {len(made.unreviewed)} to be reviewed")
    raise SystemExit(1 if made.unreviewed or (check and made.differences) else 0)


if __name__ == "__main__":
    main()
