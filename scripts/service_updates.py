"""Show the service updates that are due, and apply one: prints the plan, and does it with --apply.

    python scripts/service_updates.py list
    python scripts/service_updates.py apply NAME [CACHE]... [--apply]

The same as `elasticache-kit service-updates`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["service-updates", *sys.argv[1:]], prog_name="elasticache-kit")
