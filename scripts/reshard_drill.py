"""Move slots to a new node group and back under load and report what clients saw.

    python scripts/reshard_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run reshard`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "reshard", *sys.argv[1:]], prog_name="elasticache-kit")
