"""Templates to check, and what is found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.template import document
from elasticache_kit.template.check import check

if TYPE_CHECKING:
    from elasticache_kit.template.problem import Problem


def found(text: str) -> tuple[Problem, ...]:
    """Check a template."""
    return check(document.parse(text, "t.yaml"))


def rules(text: str) -> set[str]:
    """Return the rules that a template breaks."""
    return {problem.rule_id for problem in found(text)}


def group(properties: str, rest: str = "") -> str:
    """Return a template with a replication group that is without fault but for these properties."""
    lines = properties.splitlines()
    if "CacheSubnetGroupName" not in properties:
        lines.insert(0, "CacheSubnetGroupName: private")
    indented = "\n".join(f"      {line}" for line in lines)
    return f"""\
Resources:
  Group:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: Orders
      CacheNodeType: cache.r7g.large
      SecurityGroupIds: [sg-1]
{indented}
{rest}"""
