"""`python -m elasticache_kit.cli`: the command, where its script is not on the path."""

from elasticache_kit.cli import main

main(prog_name="elasticache-kit")
