"""The data against the packages that carry AWS's own: what a newer one has that we lack is told.

A failure here after `make lock UPGRADE=1` is news from AWS. `make model-data` writes what can be made; the rest is to
be looked up, as docs/rules.md says.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts.model_data import layout
from scripts.regenerate_model import Documents, main, read, regenerate, write


@pytest.fixture(scope="module")
def current() -> Documents:
    """The data as they are."""
    return read()


def test_the_data_are_what_the_packages_say(current: Documents) -> None:
    """Nothing would change if they were made anew, and nothing waits to be looked up."""
    made = regenerate(current)
    news = "\n".join((*made.differences, *made.unreviewed))

    assert not news, f"the locked packages know more than the data (make model-data):\n{news}"


def without(document: Any, *path: str) -> None:
    """Take a fact away."""
    *above, last = path
    for name in above:
        document = document[name]
    del document[last]


FALSE: list[tuple[str, Callable[[Any], object], str]] = [
    (
        "an action that is about fewer resources",
        lambda all_: all_["authorization"]["actions"]["elasticache:TestFailover"].update(resources=[]),
        "~ authorization.json actions elasticache:TestFailover resources: ",
    ),
    (
        "a property that is missing",
        lambda all_: without(all_, "properties", "types", "AWS::ElastiCache::ReplicationGroup", "Durability"),
        "+ properties.json types AWS::ElastiCache::ReplicationGroup Durability: ",
    ),
    (
        "a type that is missing",
        lambda all_: without(all_, "properties", "types", "AWS::ElastiCache::User"),
        "+ properties.json types AWS::ElastiCache::User: ",
    ),
    (
        "a property that is not required any more",
        lambda all_: all_["properties"]["types"]["AWS::ElastiCache::CacheCluster"]["EngineVersion"].update(
            required=True
        ),
        "- properties.json types AWS::ElastiCache::CacheCluster EngineVersion required: true",
    ),
    (
        "a value that is missing",
        lambda all_: all_["properties"]["types"]["AWS::ElastiCache::User"]["Engine"].update(values=["redis"]),
        '~ properties.json types AWS::ElastiCache::User Engine values: ["redis"] -> ["redis", "valkey"]',
    ),
    (
        "another type",
        lambda all_: all_["properties"]["types"]["AWS::ElastiCache::User"]["Engine"].update(type="integer"),
        '~ properties.json types AWS::ElastiCache::User Engine type: "integer" -> "string"',
    ),
    (
        "a node type that is missing",
        lambda all_: without(all_, "node_types", "node_types", "cache.r7g.large"),
        "node_types.json lacks cache.r7g.large, which ",
    ),
    (
        "a node type that is not made any more",
        lambda all_: all_["node_types"]["node_types"]["cache.m1.small"]["supports"].append("create_new"),
        "node_types.json says that cache.m1.small can be made, and no Region offers it",
    ),
    (
        "a node type in a Region",
        lambda all_: all_["node_types"]["node_types"]["cache.r7g.large"].update(regions_missing=["eu-west-1"]),
        '~ node_types.json node_types cache.r7g.large regions_missing: ["eu-west-1"] -> []',
    ),
    (
        "a Region that is missing",
        lambda all_: all_["node_types"]["about"].update(regions=["eu-west-1"]),
        '~ node_types.json about regions: ["eu-west-1"] -> ',
    ),
    (
        "a version that is missing",
        lambda all_: all_["engines"]["versions"].remove(
            next(it for it in all_["engines"]["versions"] if (it["engine"], it["version"]) == ("valkey", "9.0"))
        ),
        "engines.json lacks valkey 9.0",
    ),
    (
        "a version that is not offered",
        lambda all_: all_["engines"]["versions"].append({"engine": "valkey", "version": "99.0"}),
        "engines.json offers valkey 99.0, which ElastiCache does not",
    ),
    (
        "a metric that is missing",
        lambda all_: all_["metrics"]["unlisted"].clear(),
        "metrics.json lacks NetworkLinkLocalAllowanceExceeded (Average)",
    ),
    (
        "another statistic",
        lambda all_: [
            it.update(statistic="Sum") for it in all_["metrics"]["metrics"] if it["name"] == "CPUUtilization"
        ],
        "metrics.json has the Sum of CPUUtilization, aws-cdk-lib its Average",
    ),
]


@pytest.mark.parametrize(("what", "plant", "told"), [pytest.param(*case, id=case[0]) for case in FALSE])
def test_a_false_fact_is_found(current: Documents, what: str, plant: Callable[[Any], object], told: str) -> None:
    """One fact is made false, and exactly one line says so."""
    documents = copy.deepcopy(dict(current))
    plant(documents)
    made = regenerate(documents)
    news = [*made.differences, *made.unreviewed]

    assert len(news) == 1, what
    assert news[0].startswith(told)


def test_what_is_made_is_what_is_there(current: Documents, tmp_path: Path) -> None:
    """Written anew, the files are the same to the byte, so a difference in git is a difference in a fact."""
    made = regenerate(current)
    write(made.documents, tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "authorization.json",
        "node_types.json",
        "properties.json",
    ]
    for path in tmp_path.iterdir():
        assert path.read_text(encoding="utf-8") == layout.text(current[path.stem])


def test_the_command() -> None:
    """It says that nothing differs, and the exit code is 0."""
    done = CliRunner().invoke(main, ["--check"])

    assert (done.exit_code, done.stdout) == (0, "0 facts differ, 0 to be reviewed\n")
