"""Fail over primaries of a replication group on purpose: prints the plan, and does it with --apply.

    python scripts/failover.py REPLICATION_GROUP [--node-group 0001]... [--all] [--resume] [--apply]

The same as `elasticache-kit failover`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["failover", *sys.argv[1:]], prog_name="elasticache-kit")
