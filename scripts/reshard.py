"""Change the number of node groups online, or spread the slots evenly: prints the plan, does it with --apply.

    python scripts/reshard.py REPLICATION_GROUP (--node-groups 6 | --rebalance) [--apply]

The same as `elasticache-kit reshard`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["reshard", *sys.argv[1:]], prog_name="elasticache-kit")
