"""Turn TLS of a replication group on, step by step: prints the plan, and does it with --apply.

    python scripts/tls.py REPLICATION_GROUP --to preferred [--apply]

The same as `elasticache-kit tls`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["tls", *sys.argv[1:]], prog_name="elasticache-kit")
