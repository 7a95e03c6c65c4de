"""`python -m elasticache_kit.cli`: the command, where its script is not on PATH."""

from elasticache_kit.cli import main

if __name__ == "__main__":
    main()
