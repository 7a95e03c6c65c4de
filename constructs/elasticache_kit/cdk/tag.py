"""Tags of the constructs: keys that AWS keeps for itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticache_kit.model.rule import Violation


def reserved(tags: Mapping[str, str] | None) -> Iterator[Violation]:
    """Yield a warning for each key that begins with aws:, in whatever case.

    See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
    """
    for key in tags or ():
        if key.lower().startswith("aws:"):
            message = "keys that begin with aws: are reserved for AWS"
            yield replace(violation("cfn-tag-key", "tags", key, message, "take another key"), level="warn")
