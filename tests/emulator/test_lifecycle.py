"""How time passes: jobs in line or behind the answer, patience, the end of all waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from elasticache_kit.emulator.lifecycle import AWS, FAST, INSTANT, TIMINGS, Lifecycle, StoppedError

LONG_SECONDS = 60


@pytest.fixture
def lifecycle() -> Iterator[Lifecycle]:
    """A lifecycle with background jobs that ends with the test."""
    made = Lifecycle(INSTANT)
    yield made
    made.stop()


def test_without_background_a_job_is_done_when_start_returns() -> None:
    """It runs in the thread of the caller."""
    threads: list[threading.Thread] = []

    Lifecycle(INSTANT, background=False).start("job", lambda: threads.append(threading.current_thread()))

    assert threads == [threading.current_thread()]


def test_a_background_job_does_not_hold_up_its_caller(lifecycle: Lifecycle) -> None:
    """The call returns while the job still waits; the job ends by itself."""
    go, done = threading.Event(), threading.Event()

    def job() -> None:
        go.wait(LONG_SECONDS)
        done.set()

    lifecycle.start("job", job)

    assert not done.is_set()
    go.set()
    assert done.wait(LONG_SECONDS)


def test_patience_waits_for_the_end_of_a_job(lifecycle: Lifecycle) -> None:
    """A job that ends soon is done when the call returns."""
    done = threading.Event()

    def job() -> None:
        lifecycle.pause(0.1)
        done.set()

    lifecycle.start("job", job, patience_seconds=LONG_SECONDS)

    assert done.is_set()


def test_patience_comes_to_an_end(lifecycle: Lifecycle) -> None:
    """A job that takes longer goes on after the call has returned."""
    go, done = threading.Event(), threading.Event()

    def job() -> None:
        go.wait(LONG_SECONDS)
        done.set()

    lifecycle.start("job", job, patience_seconds=0.01)

    assert not done.is_set()
    go.set()
    assert done.wait(LONG_SECONDS)


def test_stopping_ends_a_pause_in_the_middle(lifecycle: Lifecycle) -> None:
    """A job that waits for an hour leaves at once, and what stands after the pause is not done."""
    waiting, ended = threading.Event(), threading.Event()
    after: list[str] = []

    def job() -> None:
        waiting.set()
        try:
            lifecycle.pause(3600)
        except StoppedError:
            ended.set()
            raise
        after.append("done all the same")

    lifecycle.start("job", job)
    assert waiting.wait(LONG_SECONDS)
    lifecycle.stop()

    assert ended.is_set()
    assert after == []


def test_no_pause_is_entered_after_the_stop(lifecycle: Lifecycle) -> None:
    """Even one of no length is where a job leaves."""
    lifecycle.pause(0)
    lifecycle.stop()

    with pytest.raises(StoppedError):
        lifecycle.pause(0)


@pytest.mark.parametrize("background", [False, True])
def test_a_failing_job_is_logged_and_not_raised(caplog: pytest.LogCaptureFixture, *, background: bool) -> None:
    """The API has answered: the log is the only place left, with the name of the job and the traceback."""
    lifecycle = Lifecycle(INSTANT, background=background)

    def job() -> None:
        raise RuntimeError("the engine caught fire")

    lifecycle.start("create orders", job, patience_seconds=LONG_SECONDS)
    lifecycle.stop()

    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "create orders failed"
    assert "the engine caught fire" in caplog.text


def test_a_job_that_was_stopped_is_no_failure(caplog: pytest.LogCaptureFixture, lifecycle: Lifecycle) -> None:
    """Giving up at the end of the emulator is what a job should do."""
    lifecycle.stop()

    lifecycle.start("job", lambda: lifecycle.pause(1), patience_seconds=LONG_SECONDS)

    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_profiles_are_found_by_name_and_ordered_by_patience() -> None:
    """No stage of a slower profile is quicker than that of a faster one."""
    stages = ("create", "modify", "delete", "detect", "replace", "recover")

    assert [TIMINGS[name] for name in ("instant", "fast", "aws")] == [INSTANT, FAST, AWS]
    for stage in stages:
        assert getattr(INSTANT, stage) == 0 < getattr(FAST, stage) < getattr(AWS, stage)
