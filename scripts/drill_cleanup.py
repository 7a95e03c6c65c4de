"""Put back what drills left that were killed: faults, replicas, shards, snapshots, restored groups and keys.

    python scripts/drill_cleanup.py

The same as `elasticache-kit drill cleanup`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "cleanup", *sys.argv[1:]], prog_name="elasticache-kit")
