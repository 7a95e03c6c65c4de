"""Add a replica to every node group under load, take it away again, and report what clients saw.

    python scripts/scale_out_in_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run scale-out-in`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "scale-out-in", *sys.argv[1:]], prog_name="elasticache-kit")
