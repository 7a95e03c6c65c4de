"""elasticache-kit: Amazon ElastiCache as code, and the proof that it survives.

Import what you need from a subpackage (`elasticache_kit.cdk`, `elasticache_kit.ops`, ...): this root imports nothing,
because `import aws_cdk` alone costs more than a second.
"""

__version__ = "0.1.0"
