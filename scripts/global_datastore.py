"""Fail over a global datastore, or let a member stand alone: prints the plan, and does it with --apply.

    python scripts/global_datastore.py failover GLOBAL_DATASTORE --to eu-west-1 [--apply]
    python scripts/global_datastore.py promote GLOBAL_DATASTORE --to eu-west-1 [--apply]

The same as `elasticache-kit global`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["global", *sys.argv[1:]], prog_name="elasticache-kit")
