"""Kill a primary of a local ElastiCache under load and report what clients saw.

    python scripts/node_loss_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run node-loss`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "node-loss", *sys.argv[1:]], prog_name="elasticache-kit")
