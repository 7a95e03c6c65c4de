"""The codes of the rulebook are codes of the API."""

from __future__ import annotations

from typing import Any

import botocore.session

from elasticache_kit.model.rule import rule_facts


def test_every_code_of_a_rule_is_one_that_botocore_knows() -> None:
    """A code that the model lacks has no HTTP status, and no SDK has a class for it."""
    model: Any = botocore.session.get_session().get_service_model("elasticache")
    shapes = [model.shape_for(name) for name in model.shape_names]
    known = {
        shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes if shape.metadata.get("exception")
    }

    # Rules of a template name the codes of CloudFormation.
    used = {fact["aws_code"] for fact in rule_facts() if fact["aws_code"] and fact["about"] != "resource"}

    assert "InvalidParameterCombination" in used
    assert used - known == set()
