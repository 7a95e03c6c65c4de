"""The values of parameters before and after a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.model.change.value import Deferred
from elasticache_kit.template import document, parameter

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template


def template(declarations: str) -> Template:
    """A template with these parameters."""
    return document.parse(f"Parameters: {declarations}\nResources: {{}}", "test")


OLD = template("{Port: {Type: Number, Default: 6379}}")
NEW = template("{Port: {Type: Number, Default: 6380}}")


def test_the_account_tells_what_a_parameter_is() -> None:
    """Its default does not matter then, before or after."""
    assert parameter.before(OLD, {"Port": "7000"}) == {"Port": "7000"}
    assert parameter.after(NEW, OLD, {"Port": "7000"}) == {"Port": "7000"}


def test_a_new_parameter_takes_its_default() -> None:
    """One without a default is not known."""
    assert parameter.after(NEW, None, None) == {"Port": "6380"}
    assert parameter.after(NEW, template("{}"), {}) == {"Port": "6380"}
    assert parameter.after(template("{Port: {Type: Number}}"), None, None) == {}


def test_without_the_account_a_default_says_nothing_of_what_is_deployed() -> None:
    """The same default is the same value, whichever it is; another one is perhaps another."""
    assert parameter.before(OLD, None) == {}
    assert parameter.after(OLD, OLD, None) == {}
    assert isinstance(parameter.after(NEW, OLD, None)["Port"], Deferred)


def test_what_the_deployment_gives_comes_first() -> None:
    """Before what is deployed, and before the default."""
    assert parameter.after(NEW, OLD, {"Port": "7000"}, {"Port": "7001"}) == {"Port": "7001"}


@pytest.mark.parametrize("kind", ["CommaDelimitedList", "List<AWS::EC2::Subnet::Id>"])
def test_a_list_is_read_as_one(kind: str) -> None:
    """Whatever its items are."""
    known = template(f"{{Subnets: {{Type: '{kind}'}}}}")

    assert parameter.before(known, {"Subnets": "a, b"}) == {"Subnets": ["a", "b"]}


@pytest.mark.parametrize("more", ["Type: String, NoEcho: true", "Type: 'AWS::SSM::Parameter::Value<String>'"])
def test_a_text_that_stands_for_something_else_is_not_the_value(more: str) -> None:
    """Stars, and a name in Systems Manager."""
    known = template(f"{{Token: {{{more}}}}}")

    assert isinstance(parameter.before(known, {"Token": "****"})["Token"], Deferred)
    assert parameter.before(known, {"Token": "****"}) == parameter.after(known, known, {"Token": "****"})
