"""A loss of data that the template itself accepts, with the reason.

    Resources:
      Cache:
        Metadata:
          elasticache-kit: {acknowledge-loss: the port moves to 6380; the cache fills again from the database}

For a resource that leaves the template the same stands in the Metadata of the template, by logical id. It holds for the
deployment that brings it: what the deployed template says already is spent, so that it cannot let the next replacement
through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.template.document import Template
    from elasticache_kit.template.located import Value

SECTION = "elasticache-kit"
KEY = "acknowledge-loss"


def accepted(old: Template | None, new: Template) -> dict[str, str]:
    """Return the reasons that a template gives and the deployed one does not, by logical id."""
    spent = _spoken(old) if old else {}
    return {name: reason for name, reason in _spoken(new).items() if spent.get(name) != reason}


def _spoken(template: Template) -> dict[str, str]:
    whole = _value(template.metadata)
    found = {name: str(reason) for name, reason in whole.items() if reason} if isinstance(whole, dict) else {}
    for name, resource in template.resources.items():
        reason = _value(resource.metadata)
        if isinstance(reason, str) and reason.strip():
            found[name] = reason
    return found


def _value(metadata: Mapping[str, Value]) -> Value:
    section = metadata.get(SECTION)
    return section.get(KEY) if isinstance(section, dict) else None
