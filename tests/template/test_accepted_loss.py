"""A loss that the template itself accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elasticache_kit.template import document
from elasticache_kit.template.accepted_loss import accepted

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template


def template(reason: Any = None, whole: Any = None) -> Template:
    """A template whose resource, and which itself, acknowledge."""
    section = {} if reason is None else {"elasticache-kit": {"acknowledge-loss": reason}}
    metadata = {} if whole is None else {"elasticache-kit": {"acknowledge-loss": whole}}
    body = {"Resources": {"Cache": {"Type": "AWS::ElastiCache::ReplicationGroup", "Metadata": section}}}
    return document.parse(json.dumps({**body, "Metadata": metadata}), "test")


def test_a_reason_acknowledges() -> None:
    """In the resource, or in the template for one that goes."""
    assert accepted(template(), template("port moves")) == {"Cache": "port moves"}
    assert accepted(template(), template(whole={"Gone": "not needed"})) == {"Gone": "not needed"}


def test_what_is_deployed_already_is_spent() -> None:
    """It does not let the next replacement through; another reason does."""
    assert accepted(template("port moves"), template("port moves")) == {}
    assert accepted(template("port moves"), template("port moves again")) == {"Cache": "port moves again"}


def test_without_a_reason_nothing_is_accepted() -> None:
    """Nor by something that is no text."""
    assert accepted(None, template("")) == {}
    assert accepted(None, template(True)) == {}
    assert accepted(None, template(whole="all")) == {}
