"""The metrics that aws-cdk-lib predefines for AWS/ElastiCache, each with its statistic."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import cast

_LIBRARY = "aws-cdk-lib"
_FILE = "package/aws-elasticache/lib/elasticache-canned-metrics.generated.js"
_METRIC = re.compile(r'metricName:"(\w+)",dimensionsMap:dimensions,statistic:"(\w+)"')


@cache
def metrics() -> dict[str, str]:
    """Return the statistic of each metric by its name."""
    archive = Path(str(distribution(_LIBRARY).locate_file(f"aws_cdk/_jsii/{_LIBRARY}@{version(_LIBRARY)}.jsii.tgz")))
    with tarfile.open(archive) as package:
        member = package.extractfile(_FILE)
        if member is None:
            raise FileNotFoundError(f"{archive} has no {_FILE}")
        return dict(_METRIC.findall(member.read().decode()))


def unreviewed_metrics(document: Mapping[str, object], predefined: Mapping[str, str]) -> Iterator[str]:
    """Yield the metrics that the data lack, and those that have another statistic there which nobody decided on."""
    lists = cast("Mapping[str, list[dict[str, object]]]", document)
    facts = [*lists["metrics"], *lists["unlisted"]]
    decided = {
        (str(name), str(cast("Mapping[str, object]", conflict["values"])["CDK-METRICS"]))
        for conflict in lists["conflicts"]
        for name in cast("list[object]", conflict["metrics"])
    }
    for name, statistic in sorted(predefined.items()):
        ours = {str(fact["statistic"]) for fact in facts if fact["name"] == name}
        if not ours:
            yield f"metrics.json lacks {name} ({statistic}): look it up in UG:CacheMetrics"
        elif statistic not in ours and (name, statistic) not in decided:
            had = " and ".join(sorted(ours))
            yield f"metrics.json has the {had} of {name}, aws-cdk-lib its {statistic}: decide on one"
