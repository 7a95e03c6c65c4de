"""Upgrade the engine of a replication group, also from Redis OSS to Valkey: prints the plan, and does it with --apply.

    python scripts/upgrade.py REPLICATION_GROUP [--engine valkey] [--version 8.1] [--apply]

The same as `elasticache-kit upgrade`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["upgrade", *sys.argv[1:]], prog_name="elasticache-kit")
