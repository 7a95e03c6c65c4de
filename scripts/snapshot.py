"""Take, list, copy, export, restore or prune snapshots: prints the plan, and does it with --apply.

    python scripts/snapshot.py create REPLICATION_GROUP [--name NAME] [--digest] [--apply]
    python scripts/snapshot.py restore NAME REPLICATION_GROUP [--node-groups 4] [--apply]

The same as `elasticache-kit snapshot`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["snapshot", *sys.argv[1:]], prog_name="elasticache-kit")
