"""JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.report.junit import junit
from tests.drills.forged import LOCAL, result
from tests.drills.story import Story, failover_story


def suite(text: str) -> ET.Element:
    """Return the test suite of a document."""
    found = ET.fromstring(text).find("testsuite")  # noqa: S314 - our own document
    assert found is not None
    return found


def test_each_finding_is_a_test_case() -> None:
    """Eleven for one node group that failed over."""
    found = suite(junit(result(failover_story())))

    assert (found.get("tests"), found.get("failures"), found.get("errors")) == ("11", "0", "0")
    assert next(case.get("name") for case in found.iter("testcase")) == "node group 0001: write outage"


def test_a_failed_finding_is_a_failure_with_its_sentence() -> None:
    """CI systems show the message."""
    found = suite(junit(result(failover_story(), limits=Limits(max_write_outage_seconds=1))))

    (failure,) = found.iter("failure")
    assert failure.get("message") == "the longest gap was 2.01 s (limit 1.00 s), 200 operations failed"


def test_an_unknown_finding_is_an_error() -> None:
    """A build must not be green on no evidence."""
    found = suite(junit(result(Story(), failed_over=None)))

    assert found.get("errors") == found.get("tests") == "7"
    assert len(list(found.iter("error"))) == 7


def test_a_local_run_is_stamped() -> None:
    """In the properties of the suite."""
    found = suite(junit(result(failover_story(), capability=LOCAL)))

    (stamp,) = [p.get("value") or "" for p in found.iter("property") if p.get("name") == "stamp"]
    assert stamp.startswith("local emulator: not an AWS recovery time (timing profile 'fast')")
