"""Take a replication group to cluster mode, step by step: prints the plan, and does it with --apply.

    python scripts/cluster_mode.py REPLICATION_GROUP --to compatible [--apply]

The same as `elasticache-kit cluster-mode`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["cluster-mode", *sys.argv[1:]], prog_name="elasticache-kit")
