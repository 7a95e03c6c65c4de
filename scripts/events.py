"""Show the events of caches or of a whole Region, and follow them.

    python scripts/events.py [CACHE]... [--minutes 60] [--follow]

The same as `elasticache-kit events`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["events", *sys.argv[1:]], prog_name="elasticache-kit")
