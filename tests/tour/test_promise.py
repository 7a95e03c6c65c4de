"""How promises are shown and told, with promises that are made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tour.place import Place
from tour.promise import BrokenError, Promise, require, show
from tour.report import line, report
from tour.table import PROMISES

PLACE = Place({"kit-orders": {"Endpoint": "127.0.0.1:6379"}, "Example": {"Url": "there"}}, Path(), "kit-")


def kept(_: Place) -> str:
    """Hold."""
    return "3 of 3"


def broken(_: Place) -> str:
    """Not hold."""
    require([], "2 of\n3")
    return "never said"


def failing(_: Place) -> str:
    """Go wrong in a way that nobody has thought of."""
    return dict[str, str]()["nothing"]


def test_a_promise_that_is_broken_fails_the_tour_and_does_not_end_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its line, those after the broken one too, and the exit code is 1."""
    promises = [Promise("a", "first", broken), Promise("b", "second", failing), Promise("c", "third", kept)]

    code = report(show(promises, PLACE), "text")

    lines = [text.rpartition(" (")[0] for text in capsys.readouterr().out.splitlines()]
    assert code == 1
    assert lines == ["FAIL  first: 2 of 3", "FAIL  second: KeyError: 'nothing'", "PASS  third: 3 of 3"]


def test_promises_that_all_hold_pass_the_tour(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 0, and the document has what the lines have."""
    code = report(show([Promise("a", "first", kept)], PLACE), "json")

    document = json.loads(capsys.readouterr().out)
    (told,) = document["promises"]
    assert (code, document["passed"]) == (0, True)
    assert (told["name"], told["promise"], told["passed"], told["seen"]) == ("a", "first", True, "3 of 3")
    assert told["seconds"] >= 0


def test_the_document_says_which_one_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """Not passed, for a program that does not look at the exit code."""
    code = report(show([Promise("a", "first", kept), Promise("b", "second", broken)], PLACE), "json")

    document = json.loads(capsys.readouterr().out)
    assert (code, document["passed"]) == (1, False)
    assert [item["passed"] for item in document["promises"]] == [True, False]


def test_a_line_is_one_line() -> None:
    """An error of somebody else may have several."""
    (shown,) = show([Promise("a", "first", broken)], PLACE)

    assert "\n" not in line(shown)


def test_outputs_are_found_by_the_short_name_of_their_stack() -> None:
    """Those of an example by its whole name."""
    assert PLACE.output("Example", "Url") == "there"
    assert (PLACE.endpoint("orders", "Endpoint").address, PLACE.endpoint("orders", "Endpoint").port) == (
        "127.0.0.1",
        6379,
    )


def test_what_never_comes_is_told() -> None:
    """With what was seen last."""
    place = Place({}, Path(), patience_seconds=0.01)

    with pytest.raises(BrokenError, match=r"it is there: not within 0\.01 s, but 1"):
        place.until(lambda: 1, lambda seen: seen == 2, "it is there")


def test_every_promise_is_in_a_module_of_its_own() -> None:
    """So that a reader finds the place by the name in the table."""
    modules = {promise.name: promise.check.__module__ for promise in PROMISES}

    assert modules == {name: f"tour.{name.replace('-', '_')}" for name in modules}
    assert len(set(modules.values())) == len(PROMISES)
