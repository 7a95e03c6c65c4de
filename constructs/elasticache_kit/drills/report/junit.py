"""A drill's result as JUnit XML, which every CI system shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from elasticache_kit.drills.verdict import Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result


def junit(result: Result) -> str:
    """Return a test suite with a test case for each finding; an unknown one is an error, for it proves nothing."""
    group, drill = result.experiment.group.replication_group_id, result.experiment.drill
    verdicts = [finding.verdict for finding in result.findings]
    suite = ET.Element(
        "testsuite",
        name=f"drill {drill} on {group}",
        tests=str(len(verdicts)),
        failures=str(verdicts.count(Verdict.FAILED)),
        errors=str(verdicts.count(Verdict.UNKNOWN)),
        time=f"{result.ended - result.began:.3f}",
        timestamp=f"{result.started:%Y-%m-%dT%H:%M:%S}",
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="run_id", value=result.experiment.run_id)
    if result.stamp:
        ET.SubElement(properties, "property", name="stamp", value=result.stamp)
    for finding in result.findings:
        name = f"node group {finding.node_group}: {finding.checker}" if finding.node_group else finding.checker
        case = ET.SubElement(suite, "testcase", classname=f"drill.{drill}.{group}", name=name)
        if finding.verdict is Verdict.FAILED:
            ET.SubElement(case, "failure", message=finding.sentence)
        elif finding.verdict is Verdict.UNKNOWN:
            ET.SubElement(case, "error", message=finding.sentence)
        else:
            ET.SubElement(case, "system-out").text = finding.sentence
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
