"""A drill that is disturbed in the middle: what was seen until then is reported, and said to be a part."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.drills import local_fault, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.progress import Phase, Progress
from elasticache_kit.drills.report import report
from elasticache_kit.drills.report.markdown import markdown
from elasticache_kit.drills.stop_condition import StopCondition
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.ops import inventory, session
from tests.cli.local import REGION
from tests.drills.detour import Detour, detour
from tests.drills.place import SHORT, Place, found, served

if TYPE_CHECKING:
    from elasticache_kit.drills.progress import Watch
    from elasticache_kit.drills.result import Result

pytestmark = pytest.mark.engine

SYNC_SECONDS = 1.0
READS = ["DescribeReplicationGroups", "DescribeCacheClusters", "DescribeEvents"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """Serve a group of a primary and a replica."""
    with served(tmp_path_factory.mktemp("partial")) as place:
        place.local.group("orders")
        yield place


@pytest.fixture
def stuck(place: Place) -> Generator[Place]:
    """Let a node that is lost not be replaced until the test ends, so that a drill goes on for as long as it may."""
    fault = local_fault.begin(place.api, {"kind": "failed-recovery", "ReplicationGroupId": "orders"})
    try:
        yield place
    finally:
        local_fault.end(place.api, fault)
        whole(place)


def whole(place: Place) -> None:
    """Wait until the group is available with both nodes."""
    for _ in range(600):
        group = inventory.replication_group(place.api, "orders")
        if group.status == "available" and all(member.status == "available" for member in group.members):
            return
        time.sleep(0.05)
    pytest.fail("the group was not whole again")


def once_it_broke(disturb: Callable[[], object]) -> Watch:
    """Return a watch that disturbs a drill once, as soon as ElastiCache has told of the fault."""
    done: list[object] = []

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.FAULT and progress.events and not done:
            done.append(disturb() or True)

    return watch


def drill(place: Place, api: session.Session, watch: Watch, stop: StopCondition | None = None) -> Result:
    """Run a failover over some way to the API."""
    group = inventory.replication_group(api, "orders")
    context = replace(place.context(group), session=api)
    # Where no recovery comes there is no replica to wait for.
    one = replace(
        place.experiment("failover", group, Access()), settings=replace(SHORT, sync_timeout_seconds=SYNC_SECONDS)
    )
    return runner.run(one, DRILLS["failover"].fault(context), watch, stop=stop)


def throttling(place: Place) -> str:
    """Throttle what a drill reads, and return the fault's id."""
    return local_fault.begin(place.api, {"kind": "api-throttling", "Operations": READS})


@pytest.mark.parametrize(
    ("disturb", "sentence"),
    [
        (Detour.expire, "the AWS credentials have expired: sign in again"),
        (Detour.close, "AWS cannot be reached"),
    ],
)
def test_credentials_that_expire_and_an_api_that_is_gone_end_in_a_partial_report(
    stuck: Place, disturb: Callable[[Detour], None], sentence: str
) -> None:
    """The load goes on to its end, and what it saw is judged."""
    with detour(stuck.api.endpoint_url) as way, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", way.endpoint_url)
        result = drill(stuck, session.connect(region=REGION), once_it_broke(lambda: disturb(way)))

    assert_partial(result, sentence)


def assert_partial(result: Result, sentence: str) -> None:
    """Check what a partial report says, and that the rest of it is there."""
    told = found(result, "fault", "")
    assert told.verdict is Verdict.UNKNOWN
    assert told.sentence.startswith("this report is partial, the fault was not seen to its end: ")
    assert sentence in told.sentence
    assert told.sentence in report.text(result)
    assert "this report is partial" in markdown(result)
    assert result.verdict is not Verdict.PASSED
    assert found(result, "promotion").verdict is Verdict.PASSED
    assert found(result, "lost acknowledged writes").verdict is Verdict.PASSED
    assert result.cleaned_up


def test_an_alarm_that_rings_ends_the_drill(stuck: Place) -> None:
    """Of CloudWatch, asked while the drill goes on; one that rings already keeps it from beginning."""
    cloudwatch: Any = stuck.api.changing("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        MetricName="Errors",
        Namespace="Shop",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    stop = StopCondition(None, ("errors",), stuck.api, 0.2)
    assert stop.reasons() == ()
    assert stop.breached(Progress(Phase.FAULT, 0.0, (), ())) is None, "it does not ring yet"

    def ring() -> None:
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")

    result = drill(stuck, stuck.api, once_it_broke(ring), stop)

    ended = found(result, "stop condition", "")
    assert (ended.verdict, ended.sentence) == (Verdict.FAILED, "ended: the alarm errors is in alarm")
    assert result.history.about(Action.STOPPED)
    assert result.cleaned_up
    assert stop.reasons() == ("the alarm errors is in alarm already",)
    missing = StopCondition(None, ("erors",), stuck.api).reasons()
    assert missing == ("there is no alarm 'erors' in the local ElastiCache (us-east-1)",)


def test_what_could_not_be_put_back_is_said_and_cleanup_does_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Throttled in the middle, a drill that adds replicas ends with a report, and leaves its record."""
    monkeypatch.setenv("XDG_STATE_HOME", str(place.folder / "state"))
    begun: list[str] = []

    def throttle() -> None:
        while len(inventory.replication_group(place.api, "orders").members) < 3:
            time.sleep(0.01)
        begun.append(throttling(place))

    thread = threading.Thread(target=throttle)
    thread.start()
    short = ["--rate", "50", "--baseline", "0.3", "--duration", "1", "--settle", "0.3", "--max-stall", "60"]
    try:
        done = CliRunner().invoke(main, ["drill", "run", "scale-out-in", "orders", *short], catch_exceptions=False)
    finally:
        thread.join()
        local_fault.end(place.api, begun[0])
    assert "this report is partial" in done.stdout, done.output
    assert "AWS throttles Describe" in done.stdout
    assert "not put back: replicas (count 1)" in done.stderr
    assert "run `elasticache-kit drill cleanup`" in done.stderr
    assert done.exit_code in {1, 3}

    cleaned = CliRunner().invoke(main, ["drill", "cleanup"], catch_exceptions=False)

    assert (cleaned.exit_code, cleaned.stdout) == (0, "everything is as it was\n"), cleaned.output
    assert place.shape("orders") == [("0001", 2)]
