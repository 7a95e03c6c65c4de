"""Fail over every node group in turn under load and report what clients saw.

    python scripts/rolling_failover_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run rolling-failover`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "rolling-failover", *sys.argv[1:]], prog_name="elasticache-kit")
