"""Upgrade the engine to its newest version under load and report what clients saw.

    python scripts/engine_upgrade_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run engine-upgrade`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "engine-upgrade", *sys.argv[1:]], prog_name="elasticache-kit")
