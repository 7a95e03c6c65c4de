"""Let another Region of a global datastore take the writes under load, give them back, and report what clients saw.

    python scripts/global_failover_drill.py REPLICATION_GROUP [--to REGION] [--hold 60] [--report DIR] [--apply]

The same as `elasticache-kit drill run global-failover`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "global-failover", *sys.argv[1:]], prog_name="elasticache-kit")
