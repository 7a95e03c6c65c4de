"""Run one drill for each client and its settings, and put what they saw into one table.

    python scripts/client_matrix.py REPLICATION_GROUP [--drill failover] [--client valkey-py] [--apply]

The same as `elasticache-kit drill client-matrix`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "client-matrix", *sys.argv[1:]], prog_name="elasticache-kit")
