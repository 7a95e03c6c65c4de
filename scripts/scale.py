"""Change the node type of a replication group, or its replicas: prints the plan, and does it with --apply.

    python scripts/scale.py REPLICATION_GROUP [--node-type cache.r7g.xlarge] [--replicas 2] [--apply]

The same as `elasticache-kit scale`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["scale", *sys.argv[1:]], prog_name="elasticache-kit")
