"""cfn-lint, its rules loaded once: each time it would compile five hundred files, which takes longer than to read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data

if TYPE_CHECKING:
    from cfnlint.match import Match
    from cfnlint.rules import Rules


@cache
def _rules(*regions: str) -> Rules:
    return Runner(_config(regions)).rules


def _config(regions: Sequence[str]) -> ConfigMixIn:
    # A template changes its own.
    return ConfigMixIn(regions=[*regions])


def lint(text: str, regions: Sequence[str]) -> list[Match]:
    """Return what cfn-lint says of a template, as `cfnlint.api.lint` does."""
    template, errors = decode_str(text)
    if errors or template is None:
        return list(errors)
    return list(run_template_by_data(template, _config(regions), _rules(*regions)))
