"""Cut a primary of a local ElastiCache off from its network under load and report what clients saw.

    python scripts/partition_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run partition`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "partition", *sys.argv[1:]], prog_name="elasticache-kit")
