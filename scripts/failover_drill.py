"""Fail over a primary under load and report what clients saw: outages, lost writes, stale reads, time to recovery.

    python scripts/failover_drill.py REPLICATION_GROUP [--node-group 0001] [--report DIR] [--apply]

The same as `elasticache-kit drill run failover`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "failover", *sys.argv[1:]], prog_name="elasticache-kit")
